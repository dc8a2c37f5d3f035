"""Inventories of the GLPI agent and of its forebears (FusionInventory, OCS): ``glpi.json`` and ``glpi.xml``.

Both forms hold the same sections; ``inventory`` reads them out of the JSON's shape, into which ``xml_form`` brings the XML.

What goes where
---------------
* A computer: ``bios.smanufacturer``, ``smodel``, ``ssn`` are the machine's; ``mmodel`` and ``msn`` are its board's and never stand in
  for them. ``hardware.chassis_type`` (OCS: ``bios.type``) is the chassis. Software, users, licences, processes, environments, SIM
  cards and addresses of the network are not read: none of it describes the thing, and much of it is somebody's.
* Memory is the sum of ``memories``. What the operating system sees (``hardware.memory``) counts for a virtual machine alone.
* An inventory over the network: ``network_device`` (XML: ``DEVICE/INFO``), whose type is the chassis. Its firmware stands there or in
  ``firmwares``; modules and power supplies in ``network_components``.
* An Android device has no serial there: the agent prints the system's own id, which the next reset changes.
"""
