"""The files of deploy/, against the schemas of the programs that read them; nobody runs these containers here."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import httpx
import kubernetes_validate
import pytest
import yaml
from check_jsonschema import main as check_jsonschema

from prompts.resources import resources
from screens.opening import away
from settings import PREFIX, Settings
from tests.journeys.conftest import free_port

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


def test_an_image_takes_in_nothing_that_git_ignores() -> None:
    ignored, kept_out = (
        {line.rstrip("/") for line in file.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"}
        for file in (DEPLOY.parent / ".gitignore", DEPLOY / "Dockerfile.dockerignore")
    )

    assert ignored <= {line.removeprefix("**/") for line in kept_out}


@pytest.fixture
def nginx(tmp_path: Path) -> list[str]:
    """The command over our own configuration, on a port of its own, with nobody behind it."""
    if shutil.which("nginx") is None:
        reason = "nginx was not found (install the package nginx)."
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    text = (DEPLOY / "nginx.conf").read_text(encoding="utf-8")
    for was, now in (
        ("app1:8501", "127.0.0.1:9"),
        ("app2:8501", "127.0.0.2:9"),
        ("listen 8080", f"listen 127.0.0.1:{free_port()}"),
        ("worker_processes auto", "daemon off; master_process off"),
        ("/dev/stdout", f"{tmp_path}/access.log"),
        ("/usr/share/nginx/foreroom", str(DEPLOY)),
    ):
        assert was in text
        text = text.replace(was, now)
    (tmp_path / "nginx.conf").write_text(f"pid {tmp_path}/nginx.pid;\n{text}", encoding="utf-8")
    return ["nginx", "-p", str(tmp_path), "-e", "stderr", "-c", str(tmp_path / "nginx.conf")]


def test_nginx_takes_its_configuration(nginx: list[str]) -> None:
    done = subprocess.run([*nginx, "-t"], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_when_no_process_answers_nginx_says_whom_to_call_and_writes_no_private_link_down(
    nginx: list[str], tmp_path: Path
) -> None:
    address = "http://" + re.findall(r"listen ([\d.:]+)", (tmp_path / "nginx.conf").read_text(encoding="utf-8"))[0]
    secret = "s" * 43
    with (tmp_path / "errors.log").open("w") as errors:
        proxy = subprocess.Popen(nginx, stderr=errors)
        try:
            with httpx.Client(transport=httpx.HTTPTransport(retries=5)) as visitor:
                told = [visitor.get(address + path) for path in (f"/c/{secret}", f"/invite/{secret}", f"/?a={secret}")]
        finally:
            proxy.terminate()
            proxy.wait(timeout=10)
    access = (tmp_path / "access.log").read_text(encoding="utf-8")

    assert access.count(" 502 ") == 3
    assert secret not in access + (tmp_path / "errors.log").read_text(encoding="utf-8")
    for answer in told:
        assert (answer.status_code, answer.text) == (502, away())
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_the_page_of_nginx_is_made_of_the_pages_own_words_and_names_help() -> None:
    page = (DEPLOY / "away.html").read_text(encoding="utf-8")

    assert page == away()
    assert page.count(resources("en")["lifeline"].call_link) == page.count('<main lang="') == 2
