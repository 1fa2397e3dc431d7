/**
 * What runs between `unshare` and the program. Both scripts are constant: paths and arguments come as positional
 * parameters, so nothing from outside is ever read as shell.
 *
 * Parameters: the inner script, mount point, other user (empty to stay the same), work directory, how many paths to
 * show, those paths (the program is one of them), command and arguments.
 *
 * The new root holds the system's programs, an own /proc, the paths shown and the work directory, and nothing else: no
 * home, no docker socket, no files of the runner. Standard input is a lifeline: when its other end closes, whoever held
 * it is gone or wants an end, and everything inside is killed. That works across users, where signals do not.
 *
 * It may run as root, so as root it only mounts, within its own mount namespace, and changes no file: what the other
 * user wrote is opened for its reader by that user itself.
 */
export const OUTER_SCRIPT = `set -eu
[ "$$" = 1 ] || { echo 'plimsoll: not alone in its pid namespace' >&2; exit 125; }
umask 022
inner=$1 root=$2 user=$3 work=$4 shown=$5
shift 5
mount -t tmpfs -o mode=0755,size=16m plimsoll "$root"
links=
for name in usr bin sbin lib lib32 lib64 libx32 nix; do
  if [ -L "/$name" ]; then links="$links /$name"
  elif [ -d "/$name" ]; then mkdir "$root/$name"; mount --rbind "/$name" "$root/$name"; fi
done
[ -z "$links" ] || cp -P $links "$root/"
mkdir "$root/dev" "$root/proc"
mount --rbind /dev "$root/dev"
mount --rbind /proc "$root/proc"
show() {
  if [ -d "$1" ]; then mkdir -p "$root$1"
  elif [ -e "$root$1" ]; then return 0
  else mkdir -p "$root\${1%/*}"; : >"$root$1"; fi
  mount --rbind "$1" "$root$1"
}
index=0
for each in "$@"; do
  index=$((index + 1))
  [ "$index" -le "$shown" ] || break
  show "$each"
  mount -o remount,bind,ro "$root$each" 2>/dev/null || :
done
show "$work"
drop='--no-new-privs --inh-caps=-all --bounding-set=-all'
[ -z "$user" ] || drop="$drop --reuid=$user --regid=$user --clear-groups"
within() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin setpriv $drop -- "$@"; }
exec 3<&0
within sh -c "$inner" plimsoll "$work" "$shown" "$@" </dev/null 3<&- &
tool=$!
{ cat <&3 || :; kill -KILL -1; } >/dev/null 2>&1 &
code=0
wait "$tool" || code=$?
[ -z "$user" ] || within sh -c 'chmod -R a+rwX "$1" 2>/dev/null || :' plimsoll "$work"
exit "$code"
`;

/** Says so when something that is to be scanned cannot be read, because scanners pass over it without a word. */
export const UNREADABLE = 'plimsoll: may not be read by the isolated scanner: ';

export const INNER_SCRIPT = `set -eu
umask 000
cd "$1"
shown=$2
shift 2
while [ "$shown" -gt 0 ]; do
  closed=
  if [ -d "$1" ] || [ ! -r "$1" ]; then
    closed=$(find "$1" \\( -type f -o -type d \\) \\( ! -readable -o -type d ! -executable \\) -print -quit 2>/dev/null) || :
  fi
  [ -z "$closed" ] || { echo "${UNREADABLE}$closed" >&2; exit 126; }
  shift
  shown=$((shown - 1))
done
exec "$@"
`;
