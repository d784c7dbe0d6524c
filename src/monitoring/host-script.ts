/**
 * One script reads everything of the server in one round trip. Sections begin with a mark, and the last one says that
 * nothing is missing. Of processes only names leave the host: arguments and environments may hold secrets. Pure.
 */

export interface HostScriptOptions {
  /** Asks PM2 too, which starts a program: not each time. */
  pm2: boolean;
  /** Where the PostgreSQL log was read up to; undefined: it is not read. */
  postgresLog?: { inode: string; offset: number };
  /** Our helper on the host (`ops/talos-readings`). */
  helper: string;
}

export const HELPER = '/usr/local/sbin/talos-readings';

/** Runs where `pm2 jlist` is: its answer holds each program's whole environment, of which four words leave. */
const PM2_NAMES = `let t="";process.stdin.on("data",c=>t+=c).on("end",()=>{for(const p of JSON.parse(t.slice(t.indexOf("[{"))||"[]"))console.log([p.name.replace(/\\s+/g,"_"),p.pm2_env.restart_time,p.pm2_env.status].join(" "))})`;

const READINGS = String.raw`
export LC_ALL=C
mark() { printf '#%s\n' "$1"; }
mark boot; cat /proc/sys/kernel/random/boot_id
mark uptime; cat /proc/uptime
mark cpu; grep '^cpu ' /proc/stat
mark cores; grep -c '^processor' /proc/cpuinfo
mark memory; grep -E '^(MemTotal|MemAvailable|SwapTotal|SwapFree):' /proc/meminfo
mark vmstat; grep -E '^(pswpin|oom_kill) ' /proc/vmstat
mark mounts; awk '{ print $1, $2, $3, $4 }' /proc/mounts
mark disks; timeout 5 df -P -l 2>/dev/null || timeout 5 df -P 2>/dev/null
mark inodes; timeout 5 df -P -i -l 2>/dev/null || timeout 5 df -P -i 2>/dev/null
mark network; cat /proc/net/dev
mark load; cat /proc/loadavg
mark pressure
for of in cpu memory io; do [ -r /proc/pressure/$of ] && sed -n "s/^some/$of/p" /proc/pressure/$of; done
mark processes
cat /proc/[0-9]*/stat 2>/dev/null | sed -n 's/^\([0-9]*\) (\(.*\)) [^ ]* \([^ ]* \)\{10\}\([0-9]*\) \([0-9]*\) .*/\1 \4 \5 \2/p'
privileged() {
  [ -x "$helper" ] || return 1
  if [ "$(id -u)" = 0 ]; then "$helper" "$@"; else sudo -n "$helper" "$@"; fi 2>/dev/null
}
if [ -n "$pm2" ]; then
  mark pm2
  privileged pm2 || {
    # Asking a PM2 that does not run would start it.
    daemon=$(cat "$HOME/.pm2/pm2.pid" 2>/dev/null)
    if [ -n "$daemon" ] && kill -0 "$daemon" 2>/dev/null && command -v pm2 >/dev/null && command -v node >/dev/null; then
      timeout 8 pm2 jlist 2>/dev/null | node -e "$names" 2>/dev/null || echo failed
    else
      echo absent
    fi
  }
fi
if [ -n "$log" ]; then
  mark postgres-log
  privileged postgres-log $log || echo absent
fi
mark end
`;

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

export function hostScript({ pm2, postgresLog, helper }: HostScriptOptions): string {
  const log = postgresLog ? `${postgresLog.inode} ${String(postgresLog.offset)}` : '';
  if (!/^(?:\d+ \d+)?$/.test(log)) throw new Error('an inode and an offset are numbers');
  return `helper=${quoted(helper)}
pm2=${pm2 ? '1' : ''}
log=${quoted(log)}
names=${quoted(PM2_NAMES)}${READINGS}`;
}
