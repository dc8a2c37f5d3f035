"""What a unit is called on every page."""

from __future__ import annotations

import pytest

from revlog.devices.models import Device

GIB = 1 << 30


@pytest.mark.parametrize(
    ("model", "memory", "face"),
    [
        ("ThinkPad T480", 16 * GIB, "Lenovo ThinkPad T480, 16 GB"),
        ("ThinkPad T480, 16 GB", 16 * GIB, "Lenovo ThinkPad T480, 16 GB"),
        ("ThinkPad T480, 8 GB", 16 * GIB, "Lenovo ThinkPad T480, 8 GB, 16 GB"),
        ("ThinkPad T480, 256 GB", 6 * GIB, "Lenovo ThinkPad T480, 256 GB, 6 GB"),
        ("ThinkPad T480", None, "Lenovo ThinkPad T480"),
    ],
)
def test_the_memory_is_said_once_also_where_the_shops_name_of_the_model_says_it(
    model: str, memory: int | None, face: str
) -> None:
    unit = Device(manufacturer="Lenovo", model=model, device_class="laptop", memory_bytes=memory)

    assert unit.face == face
