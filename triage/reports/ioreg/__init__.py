"""macOS' ``ioreg``: its text (``ioreg.text``) and its property list, ``ioreg -a`` (``ioreg.xml``), whole or of one class.

What goes where
---------------
* ``IOPlatformExpertDevice``: ``manufacturer``, ``model``, ``IOPlatformSerialNumber``, ``IOPlatformUUID``. Without properties (a listing of
  another class) the entry's own name is the model.
* ``AppleSmartBattery``: capacities in mAh, whose share is the health; on Apple's own chips ``MaxCapacity`` is a percentage, and
  ``AppleRawMaxCapacity`` the figure. The battery's serial is never the machine's.
* ``AppleBacklightDisplay`` and a frame buffer that isn't ``external``: the built-in screen; other displays are components.
* ``Device Characteristics``: drives, with the size of the whole medium below them; outside the machine they are ``usb``.
* ``IOMACAddress`` of interfaces that are built in.
"""
