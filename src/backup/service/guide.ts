/** `README.txt` of the archive: whoever opens it may have nothing else left. */
export const GUIDE = `TalosPrimes Maintenance - fichiers du serveur / files of the server
=====================================================================

FRANCAIS

nginx-T.conf            Sortie de \`nginx -T\` : toute la configuration, pour lire et comparer.
files/...               Les fichiers, sous leur chemin d'origine, avec droits, dates et proprietaires.
n8n/workflows.json      Les workflows de n8n.
n8n/credentials.json    Les identifiants de n8n, chiffres : inutiles sans la cle de chiffrement.
n8n/encryption-key.txt  La cle de chiffrement de n8n (N8N_ENCRYPTION_KEY).
Ce que l'archive ne contient pas est dit dans les avertissements de manifest.json.
Les ACL et attributs etendus ne sont pas gardes.

Extraire, comme root pour retrouver les proprietaires, dans un dossier vide :
  age -d -i cle.txt ARCHIVE.zst.age | zstd -d | tar -xpf - --numeric-owner
nginx :
  cp -a files/etc/nginx/. /etc/nginx/ && nginx -t && systemctl reload nginx
Fichiers d'environnement : comparer, puis remettre chacun a sa place :
  cp -a files/opt/app/.env /opt/app/.env
n8n : d'abord la cle (variable N8N_ENCRYPTION_KEY, ou "encryptionKey" de ~/.n8n/config), puis redemarrer, puis :
  n8n import:credentials --input=n8n/credentials.json
  n8n import:workflow --input=n8n/workflows.json
Les workflows importes sont inactifs : les activer dans n8n.
Avec Docker : docker cp n8n/. n8n:/tmp/, puis docker exec -u node n8n n8n import:... --input=/tmp/...

ENGLISH

nginx-T.conf            Output of \`nginx -T\`: the whole configuration, to read and compare.
files/...               The files under their paths, with modes, times and owners.
n8n/workflows.json      n8n's workflows.
n8n/credentials.json    n8n's credentials, encrypted: worthless without the encryption key.
n8n/encryption-key.txt  n8n's encryption key (N8N_ENCRYPTION_KEY).
What the archive lacks is said in the warnings of manifest.json.
ACLs and extended attributes are not kept.

Extract, as root to get the owners back, in an empty folder:
  age -d -i key.txt ARCHIVE.zst.age | zstd -d | tar -xpf - --numeric-owner
nginx:
  cp -a files/etc/nginx/. /etc/nginx/ && nginx -t && systemctl reload nginx
Environment files: compare, then put each in its place:
  cp -a files/opt/app/.env /opt/app/.env
n8n: first the key (variable N8N_ENCRYPTION_KEY, or "encryptionKey" of ~/.n8n/config), then restart, then:
  n8n import:credentials --input=n8n/credentials.json
  n8n import:workflow --input=n8n/workflows.json
Imported workflows are inactive: activate them in n8n.
With Docker: docker cp n8n/. n8n:/tmp/, then docker exec -u node n8n n8n import:... --input=/tmp/...
`;
