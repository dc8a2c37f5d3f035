"""Snapshots of eReuse Workbench, all generations.

``workbench11``: device, components and events as JSON or YAML (versions 7 to 11, the Android app, the web form).
``lite``: raw output of lshw, dmidecode, hwinfo and smartctl under ``data`` (2022, and the script's legacy form).
``script``: raw output of dmidecode, inxi and smartctl under ``data`` or as the evidence of a verifiable credential (2024 on).
``events``: single test or erasure events that were sent apart from their snapshot.
"""
