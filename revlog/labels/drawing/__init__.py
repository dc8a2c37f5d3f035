"""How a label looks: its description (``shapes``), where each part lies (``layout``), and the two ways to write it (``pdf``, ``zpl``)."""
