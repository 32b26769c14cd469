"""Real object stores on loopback: moto and OpenStack Swift, which speak S3, and Azurite, which is
Azure Blob Storage to its clients. Each can be asked what it holds past the program under test.
"""

import base64
import hashlib
import hmac
import http.server
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

DEPS = Path(__file__).resolve().parent.parent / ".deps"
ANY_CERTIFICATE = ssl._create_unverified_context()  # of servers that the stories start themselves


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


def ask(method, url, body=None, **headers):
    """Status and body of an answer, whatever it is."""
    headers.setdefault("Content-Type", "application/octet-stream")  # not a form
    request = urllib.request.Request(url, data=body, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=120, context=ANY_CERTIFICATE) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as failure:
        return failure.code, failure.read()


def _length(size):
    return {} if size is None else {"Content-Length": str(size)}


class Server:
    """A process that answers HTTP on a port of loopback, with a folder for what it writes."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="impasto-server-"))
        self.port = free_port()
        self.processes = []

    def start(self, *command, env=None):
        with open(self.folder / "log", "ab") as log:
            self.processes.append(subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, **(env or {})}, process_group=0))

    def wait(self, port, seconds=180):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if any(process.poll() is not None for process in self.processes):
                break
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        told = (self.folder / "log").read_text(errors="replace")[-2000:]
        self.stop()
        raise RuntimeError(f"{type(self).__name__} does not start: {told}")

    def stop(self):
        for process in self.processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Moto(Server):
    """S3 that believes every signature."""

    scheme = "s3"
    secrets = ("moto-access-key", "moto-secret-key")

    def __init__(self):
        super().__init__()
        self.start("/usr/bin/python3", "-c", "from moto.server import main; main()", "-H",
                   "127.0.0.1", "-p", self.port,
                   env={"PYTHONPATH": str(DEPS / "moto"), "PYTHONDONTWRITEBYTECODE": "1"})
        self.wait(self.port)

    def environment(self, port=None):
        """What leads a program here, by way of another port where told."""
        return {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port or self.port}",
                "AWS_ACCESS_KEY_ID": self.secrets[0], "AWS_SECRET_ACCESS_KEY": self.secrets[1],
                "AWS_EC2_METADATA_DISABLED": "true"}

    def root(self, container):
        return f"s3://{container}"

    def _url(self, container, key=""):
        return f"http://127.0.0.1:{self.port}/{container}/{urllib.parse.quote(key)}"

    def make(self, container):
        assert ask("PUT", self._url(container))[0] == 200

    def put(self, container, key, content):
        assert ask("PUT", self._url(container, key), content)[0] == 200

    def get(self, container, key):
        status, body = ask("GET", self._url(container, key))
        return body if status == 200 else None

    def names(self, container):
        _, body = ask("GET", self._url(container) + "?list-type=2")
        return sorted(re.findall(r"<Key>(.*?)</Key>", body.decode()))


class Azurite(Server):
    """Azure Blob Storage in memory, opened by the account's key, by a SAS token, or, over TLS as
    Azure wants it, by the token of an identity."""

    scheme = "abfs"
    account = "impastotest"
    program = DEPS / "azurite/node_modules/azurite/dist/src/blob/main.js"

    def __init__(self, by="key"):
        super().__init__()
        self.by = by
        self.key = base64.b64encode(os.urandom(64)).decode()
        self.protocol = "http"
        more = ()
        if by == "identity":
            self.protocol = "https"
            self.certificate, key = self.folder / "cert.pem", self.folder / "key.pem"
            subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                            "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1",
                            "-keyout", key, "-out", self.certificate], check=True,
                           stderr=subprocess.DEVNULL)
            more = ("--oauth", "basic", "--cert", self.certificate, "--key", key)
        self.start("node", self.program, "--blobHost", "127.0.0.1", "--blobPort", self.port,
                   "--inMemoryPersistence", "--disableTelemetry", "--silent", *more,
                   env={"AZURITE_ACCOUNTS": f"{self.account}:{self.key}"})
        self.wait(self.port)
        self.sas = self.token()
        self.secrets = (self.key, self.sas.partition("sig=")[2])

    def token(self, rights="rwdlacup", seconds=7200):
        """A SAS token of the account."""
        start, end = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + shift))
                      for shift in (-300, seconds))
        version = "2021-12-02"
        text = "\n".join([self.account, rights, "b", "sco", start, end, "", "https,http", version,
                          ""]) + "\n"
        digest = hmac.new(base64.b64decode(self.key), text.encode(), hashlib.sha256).digest()
        return urllib.parse.urlencode({
            "sv": version, "ss": "b", "srt": "sco", "sp": rights, "st": start, "se": end,
            "spr": "https,http", "sig": base64.b64encode(digest).decode()})

    def environment(self, port=None):
        endpoint = f"{self.protocol}://127.0.0.1:{port or self.port}/{self.account}"
        if self.by == "identity":
            return {"AZURE_STORAGE_ACCOUNT": self.account, "AZURE_STORAGE_SERVICE_ENDPOINT": endpoint,
                    "SSL_CERT_FILE": str(self.certificate)}
        if self.by == "connection string":
            return {"AZURE_STORAGE_CONNECTION_STRING":
                    f"DefaultEndpointsProtocol=http;AccountName={self.account};"
                    f"AccountKey={self.key};BlobEndpoint={endpoint};"}
        own = ({"AZURE_STORAGE_KEY": self.key} if self.by == "key" else
               {"AZURE_STORAGE_SAS_TOKEN": self.sas})
        return {"AZURE_STORAGE_ACCOUNT": self.account, "AZURE_STORAGE_SERVICE_ENDPOINT": endpoint,
                **own}

    def root(self, container):
        return f"abfss://{container}"

    def _url(self, container, key="", query=""):
        return (f"{self.protocol}://127.0.0.1:{self.port}/{self.account}/{container}"
                + (f"/{urllib.parse.quote(key)}" if key else "") + f"?{query}{self.sas}")

    def make(self, container):
        status, body = ask("PUT", self._url(container, query="restype=container&"), b"")
        assert status == 201, body

    def put(self, container, key, content, size=None):
        """Of a stream, `size` bytes."""
        status, body = ask("PUT", self._url(container, key), content,
                           **{"x-ms-blob-type": "BlockBlob", **_length(size)})
        assert status == 201, body

    def get(self, container, key):
        status, body = ask("GET", self._url(container, key))
        return body if status == 200 else None

    def names(self, container):
        _, body = ask("GET", self._url(container, query="restype=container&comp=list&"))
        return sorted(re.findall(r"<Name>(.*?)</Name>", body.decode()))


class Identities:
    """Who vouches for a process in Azure, in three ways: Microsoft's sign-in service for workloads
    with a federated token or a client secret, the endpoint of an app service, and that of a virtual
    machine. It asks for what Azure's documentation says that they ask for, and its tokens are valid
    for `seconds`."""

    tenant, client = "a-tenant", "a-client"
    federated, password, header = "federated.token", "client-secret", "identity-header"
    resource = "https://storage.azure.com/"

    def __init__(self, seconds=3600):
        self.seconds = seconds
        self.given = []  # the way of each token
        self.secrets = [self.federated, self.password, self.header]
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.answer(outer.machine(urllib.parse.urlsplit(self.path), self.headers))

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                self.answer(outer.sign_in(self.path, dict(urllib.parse.parse_qsl(body))))

            def answer(self, way):
                body = json.dumps(outer.token(way) if way else {"error": "invalid_request"}).encode()
                self.send_response(200 if way else 400)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def sign_in(self, path, form):
        good = (path == f"/{self.tenant}/oauth2/v2.0/token" and
                form.get("grant_type") == "client_credentials" and
                form.get("client_id") == self.client and
                form.get("scope") == self.resource + ".default")
        if good and form.get("client_assertion") == self.federated and \
                form.get("client_assertion_type") == \
                "urn:ietf:params:oauth:client-assertion-type:jwt-bearer":
            return "workload"
        return "secret" if good and form.get("client_secret") == self.password else None

    def machine(self, url, headers):
        query = dict(urllib.parse.parse_qsl(url.query))
        if query.get("resource") != self.resource:
            return None
        if url.path == "/app" and query.get("api-version") == "2019-08-01" and \
                headers.get("X-IDENTITY-HEADER") == self.header:
            return "app service"
        if url.path == "/metadata/identity/oauth2/token" and headers.get("Metadata") == "true" and \
                query.get("api-version") == "2018-02-01":
            return "machine"
        return None

    def token(self, way):
        self.given.append(way)
        now = int(time.time())
        parts = [{"typ": "JWT", "alg": "RS256"},
                 {"aud": "https://storage.azure.com", "iss": f"https://sts.windows.net/{self.tenant}/",
                  "iat": now, "nbf": now - 10, "exp": now + self.seconds, "oid": self.client}]
        text = ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
                        for part in parts) + ".c2lnbmF0dXJl"
        self.secrets.append(text)
        # Azure's services do not agree on whether the seconds are a number.
        return {"access_token": text, "token_type": "Bearer", "expires_in":
                self.seconds if way in ("workload", "secret") else str(self.seconds)}

    def environment(self, way):
        if way in ("workload", "secret"):
            return {"AZURE_CLIENT_ID": self.client, "AZURE_TENANT_ID": self.tenant,
                    "AZURE_AUTHORITY_HOST": self.url + "/",
                    **({"AZURE_CLIENT_SECRET": self.password} if way == "secret" else {})}
        if way == "app service":
            return {"IDENTITY_ENDPOINT": self.url + "/app", "IDENTITY_HEADER": self.header}
        return {"AZURE_POD_IDENTITY_AUTHORITY_HOST": self.url}


class Swift(Server):
    """OpenStack Swift with its S3 interface, which checks every signature. One replica."""

    scheme = "s3"
    secrets = ("test:tester", "testing-secret")

    def __init__(self):
        super().__init__()
        self.cache, *self.ports = (free_port() for _ in range(4))
        self.token = None
        self._configure()
        self.start("memcached", "-u", "root", "-l", "127.0.0.1", "-p", self.cache, "-m", "32")
        for name in ("account", "container", "object", "proxy"):
            self.start(f"swift-{name}-server", self.folder / f"{name}-server.conf",
                       env={"SWIFT_SWIFT_DIR": str(self.folder)})
        # All of them, before anything is asked: the proxy does without one for a minute that it could
        # not reach.
        for port in (*self.ports, self.port):
            self.wait(port)
        until = time.monotonic() + 60
        while not self._sign_in():
            if time.monotonic() > until:
                raise RuntimeError("Swift does not let anybody in")
            time.sleep(0.2)

    def _configure(self):
        folder = self.folder
        (folder / "srv/d1").mkdir(parents=True)
        (folder / "swift.conf").write_text(
            "[swift-hash]\nswift_hash_path_prefix = p\nswift_hash_path_suffix = s\n"
            "[storage-policy:0]\nname = gold\ndefault = yes\n")
        common = f"bind_ip = 127.0.0.1\nworkers = 0\nuser = root\nswift_dir = {folder}\n"
        for name, port in zip(("account", "container", "object"), self.ports):
            builder = folder / f"{name}.builder"
            for words in (("create", "4", "1", "1"), ("add", f"r1z1-127.0.0.1:{port}/d1", "1"),
                          ("rebalance",)):
                subprocess.run(["swift-ring-builder", builder, *words], check=True,
                               stdout=subprocess.DEVNULL)
            (folder / f"{name}-server.conf").write_text(
                f"[DEFAULT]\nbind_port = {port}\n{common}devices = {folder}/srv\n"
                f"mount_check = false\nfallocate_reserve = 0\n"
                f"[pipeline:main]\npipeline = {name}-server\n"
                f"[app:{name}-server]\nuse = egg:swift#{name}\n")
        filters = {"catch_errors": "", "gatekeeper": "", "cache":
                   f"use = egg:swift#memcache\nmemcache_servers = 127.0.0.1:{self.cache}\n",
                   "listing_formats": "", "bulk": "", "s3api":
                   "location = us-east-1\nmin_segment_size = 5242880\n", "tempauth":
                   f"user_test_tester = {self.secrets[1]} .admin\n", "copy": "", "slo": "",
                   "dlo": ""}
        text = (f"[DEFAULT]\nbind_port = {self.port}\n{common}"
                f"[pipeline:main]\npipeline = {' '.join(filters)} proxy-server\n"
                "[app:proxy-server]\nuse = egg:swift#proxy\naccount_autocreate = true\n")
        for name, more in filters.items():
            use = "" if more.startswith("use =") else f"use = egg:swift#{name}\n"
            text += f"[filter:{name}]\n{use}{more}"
        (folder / "proxy-server.conf").write_text(text)

    def _sign_in(self):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/auth/v1.0",
            headers={"X-Auth-User": self.secrets[0], "X-Auth-Key": self.secrets[1]})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                self.token = answer.headers["X-Auth-Token"]
        except (OSError, urllib.error.HTTPError):
            return False
        return True

    def environment(self, port=None):
        return {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port or self.port}",
                "AWS_ACCESS_KEY_ID": self.secrets[0], "AWS_SECRET_ACCESS_KEY": self.secrets[1],
                "AWS_EC2_METADATA_DISABLED": "true"}

    def root(self, container):
        return f"s3://{container}"

    def _ask(self, method, container, key="", body=None, **headers):
        return ask(method, f"http://127.0.0.1:{self.port}/v1/AUTH_test/{container}"
                   + (f"/{urllib.parse.quote(key)}" if key else ""), body,
                   **{"X-Auth-Token": self.token}, **headers)

    def make(self, container):
        assert self._ask("PUT", container, body=b"")[0] in (201, 202)

    def put(self, container, key, content, size=None):
        assert self._ask("PUT", container, key, content, **_length(size))[0] == 201

    def get(self, container, key):
        status, body = self._ask("GET", container, key)
        return body if status == 200 else None

    def names(self, container):
        return sorted(self._ask("GET", container)[1].decode().split("\n"))[1:]


class GoogleEmulator(Server):
    """An emulator of Google Cloud Storage that asks for no credentials."""

    scheme = "gs"
    secrets = ()

    def __init__(self):
        super().__init__()
        self.start("/usr/bin/python3", "-m", "gcp_storage_emulator", "start", "--host=127.0.0.1",
                   f"--port={self.port}", "--in-memory",
                   env={"PYTHONPATH": str(DEPS / "gcs"), "PYTHONDONTWRITEBYTECODE": "1"})
        self.wait(self.port)

    def environment(self, port=None):
        return {"STORAGE_EMULATOR_HOST": f"http://127.0.0.1:{port or self.port}"}

    def root(self, container):
        return f"gs://{container}"

    def _url(self, way, container, key=""):
        return (f"http://127.0.0.1:{self.port}{way}/storage/v1/b/{container}/o"
                + (f"/{urllib.parse.quote(key, safe='')}" if key else ""))

    def make(self, container):
        status, body = ask("POST", f"http://127.0.0.1:{self.port}/storage/v1/b?project=p",
                           json.dumps({"name": container}).encode(),
                           **{"Content-Type": "application/json"})
        assert status == 200, body

    def put(self, container, key, content):
        status, body = ask("POST", self._url("/upload", container)
                           + f"?uploadType=media&name={urllib.parse.quote(key, safe='')}", content)
        assert status == 200, body

    def get(self, container, key):
        status, body = ask("GET", self._url("", container, key) + "?alt=media")
        return body if status == 200 else None

    def names(self, container):
        _, body = ask("GET", self._url("", container))
        return sorted(one["name"] for one in json.loads(body).get("items", []))
