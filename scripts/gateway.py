#!/usr/bin/env python3
"""The nginx configuration of the gateway: one origin for clients, routes to roles as docs/openapi.yaml says (its tags are
the roles). Which roles there are, which of them are public, and which one answers the rest, the program says.

    scripts/gateway.py --https ADDRESS:PORT --http ADDRESS:PORT --directory DIR [--program quicklime] [--openapi FILE] [--errors FILE]
        [--connect-timeout 1s] [--ocsp-timeout 1s] [--read-timeout 5s] [--stream-timeout 30s]
        [--write-timeout 30s] [--left-out 2s] role=HOST:PORT[,HOST:PORT] ...

DIR holds gateway.crt, gateway.key (the gateway's own certificate, for clients and for the daemons behind it) and roots.pem;
nginx's files go there.

Who may be asked twice: a question (OCSP, GET) that one replica does not answer in time, or answers 503 (it is not ready, or cannot read
its view), is asked of another one, once. Everything else may write, and is given to another replica only if no connection came about.
For OCSP, no answer from anybody is tryLater."""

import argparse
import json
import pathlib
import re
import subprocess

import yaml


def services(program):
    """{view: what the program says of its role}; the views' names are the tags of the description."""
    said = subprocess.run([program, "reference", "services", "-o", "json"], capture_output=True, check=True).stdout
    return {one["view"]: one for one in json.loads(said)}


def routes(openapi, roles):
    """(pattern of "METHOD path", role), more specific templates first; without those of the role that answers the rest. And the patterns of
    those whose answer may go on and on (x-streamed)."""
    document = yaml.safe_load(pathlib.Path(openapi).read_text())
    found, streamed = [], []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if "tags" not in operation:
                continue
            (role,) = operation["tags"]
            if role not in roles:
                raise SystemExit(f"{openapi}: {method.upper()} {path} is of the role {role}, which the program does not have")
            rest = path == "/ocsp/{request}"  # base64 holds slashes
            pattern = re.sub(r"\\\{[a-z_]+\\\}", ".*" if rest else "[^/]+", re.escape(path))
            methods = "(GET|HEAD)" if method == "get" else method.upper()
            found.append((path.count("{"), f"^{methods} {pattern}$", role))
            if operation.get("x-streamed"):
                streamed.append(f"^{methods} {pattern}$")
    return [(pattern, roles[role]) for _, pattern, role in sorted(found) if not roles[role]["answers_the_rest"]], streamed


TIMES = {
    "connect-timeout": ("1s", "for a connection to a replica, with its TLS handshake"),
    "ocsp-timeout": ("1s", "for an OCSP answer of one replica; more than redis.read_deadline of its daemons"),
    "read-timeout": ("5s", "for any other question; more than the 2 s for which a daemon waits to reach Quicklime-Min-Position"),
    "stream-timeout": ("30s", "for the next piece of an answer that goes on; more than the 15 s after which a daemon sends a comment"),
    "write-timeout": ("30s", "for what may write; more than kafka.append_wait and issuing.verdict_wait together, or answers are lost"),
    "left-out": ("2s", "so long a replica is not asked that could not be reached, or did not answer in time; 0 where a name stands for several"),
}

# An OCSPResponse that says tryLater: nginx takes these octets as they are.
TRY_LATER = "0\x03\n\x01\x03"


def locations(role, times):
    """How each kind of request is passed on; `role` is the variable with the upstream."""

    def to_role(timeout, *more):
        lines = [f"proxy_ssl_name {role};", f"proxy_pass https://{role};", f"proxy_read_timeout {timeout};", *more]
        return "".join(f"      {line}\n" for line in lines)

    nobody = "error_page 502 503 504 = @try_later;"
    return f"""    location @ocsp {{
{to_role(times["ocsp-timeout"], "proxy_next_upstream error timeout non_idempotent;", "proxy_next_upstream_tries 2;",
         "proxy_intercept_errors on;", "error_page 503 = @ocsp_again;", "error_page 502 504 = @try_later;")}    }}
    location @ocsp_again {{
{to_role(times["ocsp-timeout"], "proxy_next_upstream off;", "proxy_intercept_errors on;", nobody)}    }}
    location @try_later {{
      default_type application/ocsp-response;
      add_header Cache-Control no-store;
      return 200 "{TRY_LATER}";
    }}
    location @read {{
{to_role(times["read-timeout"], "proxy_next_upstream error timeout;", "proxy_next_upstream_tries 2;", "proxy_intercept_errors on;",
         "error_page 503 = @read_again;")}    }}
    location @read_again {{
{to_role(times["read-timeout"], "proxy_next_upstream off;")}    }}
    location @stream {{
      proxy_buffering off;
{to_role(times["stream-timeout"], "proxy_next_upstream error timeout;", "proxy_next_upstream_tries 2;", "proxy_intercept_errors on;",
         "error_page 503 = @read_again;")}    }}
    # nginx takes DELETE for repeatable, and knows that POST is not.
    location @write {{
{to_role(times["write-timeout"], "proxy_next_upstream error timeout;", "proxy_next_upstream_tries 2;")}    }}
    location @write_once {{
{to_role(times["write-timeout"], "proxy_next_upstream off;")}    }}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--https", required=True)
    parser.add_argument("--http", required=True)
    parser.add_argument("--directory", required=True)
    for time, (default, meaning) in TIMES.items():
        parser.add_argument(f"--{time}", default=default, metavar="TIME", help=f"{meaning} (default: {default})")
    parser.add_argument("--program", default="quicklime", help="which says what roles it has (default: quicklime)")
    parser.add_argument("--openapi", default=pathlib.Path(__file__).parent.parent / "docs/openapi.yaml", help="the routes (default: docs/openapi.yaml)")
    parser.add_argument("--errors", help="where nginx writes them: stderr, or a file (default: error.log of DIR)")
    parser.add_argument("replicas", nargs="+", metavar="role=HOST:PORT,...")
    options = parser.parse_args()
    times = {time: getattr(options, time.replace("-", "_")) for time in TIMES}
    replicas = dict(one.split("=", 1) for one in options.replicas)
    roles = services(options.program)
    missing = {role["name"] for role in roles.values()} - set(replicas)
    if missing:
        parser.error("no replicas of " + ", ".join(sorted(missing)))

    leaving_out = f"max_fails=1 fail_timeout={times['left-out']}" if times["left-out"] != "0" else "max_fails=0"
    upstreams = "".join(
        f"  upstream {role} {{\n"
        + "".join(f"    server {address} {leaving_out};\n" for address in addresses.split(","))
        + "    keepalive 16;\n  }\n"
        for role, addresses in replicas.items()
    )
    found, streamed = routes(options.openapi, roles)
    everything = "".join(f'    "~{pattern}" {role["name"]};\n' for pattern, role in found)
    public = "".join(f'    "~{pattern}" {role["name"]};\n' for pattern, role in found if role["over_plain_http"])
    streams = "".join(f'    "~{pattern}" " streamed";\n' for pattern in streamed)
    (rest,) = (role["name"] for role in roles.values() if role["answers_the_rest"])
    directory = options.directory
    print(
        f"""# Made by scripts/gateway.py.
pid {directory}/nginx.pid;
error_log {options.errors or f"{directory}/error.log"} warn;
worker_processes 2;
events {{ worker_connections 1024; }}
http {{
  access_log off;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  merge_slashes off;
  client_max_body_size 64k;
  # Nothing goes through files, which nginx's workers may not be able to write here.
  client_body_buffer_size 64k;
  proxy_max_temp_file_size 0;
{upstreams}
  # Method and path as sent, up to '?'.
  map $request_uri $path {{ "~^(?<path_as_sent>[^?]*)" $path_as_sent; }}
  map "$request_method $path" $role {{
    default {rest};
{everything}  }}
  map "$request_method $path" $public_role {{
    default "";
{public}  }}

  # What kind of request it is: the named location below.
  map "$request_method $path" $streamed {{
    default "";
{streams}  }}
  map "$role $request_method$streamed" $kind {{
    default write;
    "~ streamed$" stream;
    "~^ocsp " ocsp;
    "~ (GET|HEAD)$" read;
    "~ (PUT|DELETE)$" write_once;
  }}
  map "$public_role $request_method" $public_kind {{
    default read;
    "~^ocsp " ocsp;
  }}
  recursive_error_pages on;

  # The daemons know their peers by certificate, and the gateway knows them.
  proxy_http_version 1.1;
  proxy_ssl_certificate {directory}/gateway.crt;
  proxy_ssl_certificate_key {directory}/gateway.key;
  proxy_ssl_trusted_certificate {directory}/roots.pem;
  proxy_ssl_verify on;
  proxy_ssl_verify_depth 3;
  proxy_ssl_server_name on;
  proxy_connect_timeout {times["connect-timeout"]};
  proxy_set_header Host $host;
  proxy_set_header Connection "";
  proxy_set_header X-Forwarded-For $remote_addr;
  # A renewing client's certificate; what a client sends under this name is replaced.
  proxy_set_header Client-Cert $ssl_client_escaped_cert;

  server {{
    listen {options.https} ssl;
    ssl_certificate {directory}/gateway.crt;
    ssl_certificate_key {directory}/gateway.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    # Whether a client's certificate is good is for the daemons to say, also of one that has expired.
    ssl_verify_client optional_no_ca;
    error_page 495 = @write;
    location / {{
      error_page 599 = @$kind;
      return 599;
    }}
{locations("$role", times)}  }}
  server {{
    listen {options.http};
    location / {{
      if ($public_role = "") {{ return 404; }}
      error_page 599 = @$public_kind;
      return 599;
    }}
{locations("$public_role", times)}  }}
}}""",
    )


if __name__ == "__main__":
    main()
