#!/bin/sh
# Installs Debian packages and lets no service start.
# usage: apt-install.sh POLICY PACKAGE...
#
# POLICY is the file that Debian asks before it starts a service (/usr/sbin/policy-rc.d). If there is
# none, ours says no and is removed however this ends; one that is there is the administrator's and stays.
set -eu
policy=$1
shift
ours=
trap 'test -z "$ours" || rm -f -- "$policy"' EXIT

# Between creating the file and knowing that it is ours, no signal may end us.
trap '' HUP INT TERM
if (set -C && printf '#!/bin/sh\nexit 101\n' >"$policy") 2>/dev/null; then
    ours=yes
    chmod 755 "$policy"
fi
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

if [ ! -e "$policy" ]; then
    echo "cannot create $policy, so services would start: nothing is installed" >&2
    exit 1
fi

export DEBIAN_FRONTEND=noninteractive
apt-get -o DPkg::Lock::Timeout=300 update ||
    echo "apt-get update failed; trying with the package lists that are here" >&2
apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends -- "$@"
