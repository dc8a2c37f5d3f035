"""tools/assets.py: only the listed files, no source maps, nothing to do twice, and a clear word when it can't."""

from __future__ import annotations

import json
import os
import stat
import tomllib
from pathlib import Path

import pytest

from tools import assets

ROOT = Path(assets.ROOT)
LOCK = json.loads((ROOT / "package-lock.json").read_text())


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A source tree of two packages' worth, with an npm that "installs" them and counts its runs."""
    root = tmp_path / "tree"
    (root / "tools").mkdir(parents=True)
    (root / "package.json").write_text("{}")
    (root / "package-lock.json").write_text("{}")
    (root / "tools" / "assets.py").write_text("# stands in for the script")
    (root / "assets.toml").write_text(
        '[[copy]]\nfrom = "one/a.css"\nto = "vendor/a.css"\n[[copy]]\nfrom = "one/a.js"\nto = "vendor/a.js"\n'
        '[icons]\npackage = "icons"\nto = "vendor/sprite.svg"\noutline = ["box"]\n'
    )
    return root


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An npm of our own, far end of a network: lays the packages down where `npm ci` would, and logs each call."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "npm"
    script.write_text(
        "#!/bin/sh\n"
        f'echo "$@" >> {folder}/calls\n'
        f"[ -f {folder}/broken ] && {{ echo 'npm error network is down' >&2; exit 3; }}\n"
        "mkdir -p node_modules/one node_modules/icons/icons/outline\n"
        "printf 'a{}\\n/*# sourceMappingURL=a.css.map */' > node_modules/one/a.css\n"
        "printf 'let a;\\n//# sourceMappingURL=a.js.map\\n' > node_modules/one/a.js\n"
        'printf \'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><path stroke="none" d="M0 0"/>'
        '<path d="M1 1"/></svg>\' > node_modules/icons/icons/outline/box.svg\n'
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def calls(npm: Path) -> list[str]:
    log = npm / "calls"
    return log.read_text().splitlines() if log.exists() else []


def test_it_copies_the_listed_files_without_their_source_maps(tree: Path, npm: Path, tmp_path: Path) -> None:
    assert assets.fetch(root=tree, var=tmp_path / "var", dev=False)
    placed = tmp_path / "var" / "assets"
    assert (placed / "vendor/a.css").read_text().strip() == "a{}"
    assert (placed / "vendor/a.js").read_text().strip() == "let a;"
    assert sorted(path.name for path in placed.rglob("*") if path.is_file()) == ["a.css", "a.js", "sprite.svg"]
    assert not (tree / "node_modules").exists()


def test_the_sprite_takes_shapes_and_nothing_that_runs(tree: Path, npm: Path, tmp_path: Path) -> None:
    assets.fetch(root=tree, var=tmp_path / "var", dev=False)
    sprite = (tmp_path / "var/assets/vendor/sprite.svg").read_text()
    assert '<symbol id="box"' in sprite
    assert "M1 1" in sprite
    assert "M0 0" not in sprite
    assert "onload" not in sprite


def test_it_runs_no_scripts_of_the_packages_and_leaves_out_the_tests_own(tree: Path, npm: Path, tmp_path: Path) -> None:
    assets.fetch(root=tree, var=tmp_path / "var", dev=False)
    assert "--ignore-scripts" in calls(npm)[0]
    assert "--omit=dev" in calls(npm)[0]


def test_a_second_run_does_nothing(tree: Path, npm: Path, tmp_path: Path) -> None:
    assets.fetch(root=tree, var=tmp_path / "var", dev=False)
    assert not assets.fetch(root=tree, var=tmp_path / "var", dev=False)
    assert len(calls(npm)) == 1


def test_a_run_for_the_tests_also_serves_a_run_without_but_not_the_other_way(
    tree: Path, npm: Path, tmp_path: Path
) -> None:
    assets.fetch(root=tree, var=tmp_path / "one", dev=True)
    assert not assets.fetch(root=tree, var=tmp_path / "one", dev=False)
    assets.fetch(root=tree, var=tmp_path / "two", dev=False)
    assert assets.fetch(root=tree, var=tmp_path / "two", dev=True)


@pytest.mark.parametrize("name", assets.INPUTS)
def test_a_change_of_any_input_fetches_again(tree: Path, npm: Path, tmp_path: Path, name: str) -> None:
    assets.fetch(root=tree, var=tmp_path / "var", dev=False)
    (tree / name).write_text((tree / name).read_text() + "\n")
    assert assets.fetch(root=tree, var=tmp_path / "var", dev=False)


def test_a_file_that_went_missing_is_put_back(tree: Path, npm: Path, tmp_path: Path) -> None:
    assets.fetch(root=tree, var=tmp_path / "var", dev=False)
    (tmp_path / "var/assets/vendor/a.js").unlink()
    assert assets.fetch(root=tree, var=tmp_path / "var", dev=False)
    assert (tmp_path / "var/assets/vendor/a.js").is_file()


def test_a_failed_install_is_told_and_leaves_the_old_assets_standing(tree: Path, npm: Path, tmp_path: Path) -> None:
    assets.fetch(root=tree, var=tmp_path / "var", dev=False)
    (npm / "broken").touch()
    (tree / "package.json").write_text("{ }")
    with pytest.raises(assets.UnableToFetch, match="network is down"):
        assets.fetch(root=tree, var=tmp_path / "var", dev=False)
    assert (tmp_path / "var/assets/vendor/a.css").is_file()
    (npm / "broken").unlink()
    assert assets.fetch(root=tree, var=tmp_path / "var", dev=False)


def test_a_listed_file_that_the_package_lacks_is_named(tree: Path, npm: Path, tmp_path: Path) -> None:
    listed = tree / "assets.toml"
    listed.write_text(listed.read_text().replace("one/a.js", "one/gone.js"))
    with pytest.raises(assets.UnableToFetch, match=r"one/gone\.js"):
        assets.fetch(root=tree, var=tmp_path / "var", dev=False)


def test_an_icon_that_the_package_lacks_is_named(tree: Path, npm: Path, tmp_path: Path) -> None:
    listed = tree / "assets.toml"
    listed.write_text(listed.read_text().replace('"box"', '"unicorn"'))
    with pytest.raises(assets.UnableToFetch, match="unicorn"):
        assets.fetch(root=tree, var=tmp_path / "var", dev=False)


def test_a_target_outside_the_folder_is_refused(tree: Path, npm: Path, tmp_path: Path) -> None:
    listed = tree / "assets.toml"
    listed.write_text(listed.read_text().replace('"vendor/a.js"', '"../../a.js"'))
    with pytest.raises(assets.UnableToFetch, match="leads out"):
        assets.fetch(root=tree, var=tmp_path / "var", dev=False)


def test_without_npm_it_says_what_to_install(tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(assets.UnableToFetch, match="Install Node"):
        assets.fetch(root=tree, var=tmp_path / "var", dev=False)


def test_the_lock_names_no_registry_and_holds_every_package_by_its_digest() -> None:
    for path, package in LOCK["packages"].items():
        assert "resolved" not in package
        if path:
            assert package["integrity"].startswith("sha512-"), path


def test_every_package_is_pinned_to_one_version() -> None:
    declared = json.loads((ROOT / "package.json").read_text())
    for name, version in (declared["dependencies"] | declared["devDependencies"]).items():
        assert LOCK["packages"][f"node_modules/{name}"]["version"] == version


def test_the_list_keeps_every_license_beside_what_it_covers() -> None:
    listed = [entry["to"] for entry in tomllib.loads((ROOT / "assets.toml").read_text())["copy"]]
    folders = {path.rsplit("/", 1)[0] for path in listed if path.endswith((".js", ".wasm"))}
    for folder in folders:
        assert any(path.startswith(folder) and "LICENSE" in path for path in listed), folder
