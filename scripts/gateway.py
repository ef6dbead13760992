#!/usr/bin/env python3
"""The nginx configuration of the gateway: one origin for clients, routes to roles as docs/openapi.yaml says (its tags are
the roles).

    scripts/gateway.py --https ADDRESS:PORT --http ADDRESS:PORT --directory DIR [--errors FILE] role=HOST:PORT[,HOST:PORT] ...

DIR holds gateway.crt, gateway.key (the gateway's own certificate, for clients and for the daemons behind it) and roots.pem;
nginx's files go there."""

import argparse
import pathlib
import re

import yaml

PUBLIC = ("ocsp", "crl")  # also over plain HTTP: clients that fetch them cannot check TLS yet
DEFAULT = "dashboard_api"  # everything else


def routes():
    """(pattern of "METHOD path", role), more specific templates first."""
    document = yaml.safe_load((pathlib.Path(__file__).parent.parent / "docs/openapi.yaml").read_text())
    found = []
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if "tags" not in operation:
                continue
            (role,) = operation["tags"]
            rest = path == "/ocsp/{request}"  # base64 holds slashes
            pattern = re.sub(r"\\\{[a-z_]+\\\}", ".+" if rest else "[^/]+", re.escape(path))
            methods = "(GET|HEAD)" if method == "get" else method.upper()
            found.append((path.count("{"), f"^{methods} {pattern}$", role))
    return [(pattern, role) for _, pattern, role in sorted(found) if role != DEFAULT]


def name(role):
    return role.replace("_", "-")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--https", required=True)
    parser.add_argument("--http", required=True)
    parser.add_argument("--directory", required=True)
    parser.add_argument("--errors", help="where nginx writes them: stderr, or a file (default: error.log of DIR)")
    parser.add_argument("replicas", nargs="+", metavar="role=HOST:PORT,...")
    options = parser.parse_args()
    replicas = dict(one.split("=", 1) for one in options.replicas)
    missing = {role for _, role in routes()} | {DEFAULT}
    missing -= {role.replace("-", "_") for role in replicas}
    if missing:
        parser.error("no replicas of " + ", ".join(sorted(missing)))

    upstreams = "".join(
        f"  upstream {name(role)} {{\n"
        + "".join(f"    server {address} max_fails=1 fail_timeout=2s;\n" for address in addresses.split(","))
        + "    keepalive 16;\n  }\n"
        for role, addresses in replicas.items()
    )
    everything = "".join(f'    "~{pattern}" {name(role)};\n' for pattern, role in routes())
    public = "".join(f'    "~{pattern}" {name(role)};\n' for pattern, role in routes() if role in PUBLIC)
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
{upstreams}
  # Method and path as sent, up to '?'.
  map $request_uri $path {{ "~^(?<path_as_sent>[^?]*)" $path_as_sent; }}
  map "$request_method $path" $role {{
    default {name(DEFAULT)};
{everything}  }}
  map "$request_method $path" $public_role {{
    default "";
{public}  }}

  # The daemons know their peers by certificate, and the gateway knows them.
  proxy_http_version 1.1;
  proxy_ssl_certificate {directory}/gateway.crt;
  proxy_ssl_certificate_key {directory}/gateway.key;
  proxy_ssl_trusted_certificate {directory}/roots.pem;
  proxy_ssl_verify on;
  proxy_ssl_verify_depth 3;
  proxy_ssl_server_name on;
  # No request reaches more than two replicas, whatever it does to them.
  proxy_next_upstream_tries 2;
  proxy_connect_timeout 2s;
  proxy_read_timeout 30s;
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
    error_page 495 = @role;
    location / {{
      proxy_ssl_name $role;
      proxy_pass https://$role;
    }}
    location @role {{
      proxy_ssl_name $role;
      proxy_pass https://$role;
    }}
  }}
  server {{
    listen {options.http};
    # All of it are questions: another replica may be asked the same.
    proxy_next_upstream error timeout non_idempotent;
    location / {{
      if ($public_role = "") {{ return 404; }}
      proxy_ssl_name $public_role;
      proxy_pass https://$public_role;
    }}
  }}
}}""",
    )


if __name__ == "__main__":
    main()
