"""The files of deploy/, against the schemas of the programs that read them; nobody runs these containers here."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import kubernetes_validate
import pytest
import yaml
from check_jsonschema import main as check_jsonschema

from settings import PREFIX, Settings

DEPLOY = Path(__file__).parents[1] / "deploy"
KUBERNETES = "1.30"


def fits_compose(file: Path) -> bool:
    return check_jsonschema(["--builtin-schema", "vendor.compose-spec", str(file)], standalone_mode=False) == 0


def test_the_compose_file_fits_its_schema() -> None:
    assert fits_compose(DEPLOY / "compose.yaml")


def test_a_wrong_key_in_the_compose_file_would_be_noticed(tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text("services: {page: {imag: foreroom}}", encoding="utf-8")

    assert not fits_compose(tmp_path / "wrong.yaml")


@pytest.mark.parametrize("kind", ["PersistentVolumeClaim", "Deployment", "Service", "Ingress"])
def test_each_object_of_the_kubernetes_example_fits_its_schema(kind: str) -> None:
    objects = {one["kind"]: one for one in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text(encoding="utf-8"))}

    kubernetes_validate.validate(objects[kind], KUBERNETES, strict=True)


def test_a_wrong_key_in_the_kubernetes_example_would_be_noticed() -> None:
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate({"apiVersion": "v1", "kind": "Service", "spec": {"port": 80}}, KUBERNETES, True)


@pytest.mark.parametrize("file", ["compose.yaml", "kubernetes.yaml", "Dockerfile"])
def test_only_settings_there_are_are_set(file: str) -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]+", (DEPLOY / file).read_text(encoding="utf-8")))

    assert named
    assert named <= known


def test_nginx_takes_its_configuration(tmp_path: Path) -> None:
    if shutil.which("nginx") is None:
        reason = "nginx was not found (install the package nginx)."
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8").replace("app1", "127.0.0.1").replace("app2", "127.0.0.2")
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/nginx.pid;\n{text}", encoding="utf-8")
    done = subprocess.run(
        ["nginx", "-t", "-p", str(tmp_path), "-e", "stderr", "-c", str(tmp_path / "nginx.conf")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
