"""macOS' ``system_profiler``: its text of all generations (``system_profiler.text``), ``-xml`` (``.xml``) and ``-json`` (``.json``), the
whole report or some of its data types.

What goes where
---------------
* ``SPHardwareDataType``: the model identifier ("MacBookPro12,1") is the model, the name beside it ("MacBook Pro") the chassis and the
  component ``system``; serial, UUID, model number (``sku``), boot ROM, memory and the state of the activation lock stand there too. The
  maker is Apple where the identifier is one of Apple's; a virtual machine has its own.
* ``SPMemoryDataType``: the modules; their sum is the memory, else the overview's figure. Part numbers in hexadecimal letters are read.
* ``SPSerialATADataType``, ``SPParallelATADataType``, ``SPNVMeDataType``, ``SPSASDataType``, ``SPParallelSCSIDataType``: the drives, in
  default of them ``SPStorageDataType``. ``SPUSBDataType`` and ``SPFireWireDataType`` hold what hangs outside (``usb``). What a fibre
  channel shows is another machine's. Sizes are the exact bytes in brackets; before 10.6 there are none, and a GB is 2^30 bytes.
* ``SPPowerDataType``: the battery; the serial of the charger below it is the charger's. Capacities are mAh without a design voltage, so
  they stay in the component and no energy is made of them. *Normal* is good; *Replace Soon*, *Replace Now* and *Service Recommended*
  are worn; *Service Battery*, *Check Battery* and *Poor* are failed.
* ``SPNetworkDataType``, ``SPEthernetDataType``, ``SPAirPortDataType``: addresses of built-in cards.
* ``SPDisplaysDataType``: graphics; a built-in display is a screen, another a component ``display``.

A data type alone that describes no thing (applications, software, printers, fonts, empty lists) is refused with ``NO_DEVICE``.
"""
