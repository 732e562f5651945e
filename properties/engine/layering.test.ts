import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${folder}/${name}`);
}

/** What a file imports: a path below the root, or a package. */
function imports(file: string): string[] {
  const text = readFileSync(join(ROOT, file), 'utf8');
  const from = /(?:\bfrom|\bimport|\bimport\(|\brequire\()\s*['"]([^'"]+)['"]/g;
  return [...text.matchAll(from)].map(([, name]) =>
    name!.startsWith('.') ? relative(ROOT, normalize(join(ROOT, dirname(file), name!))) : name!,
  );
}

const isPackage = (name: string): boolean =>
  /^(node:)?[@a-z]/.test(name) && !name.startsWith('src/');

describe('arrows point one way', () => {
  const core = sources('src/core');
  const explore = sources('src/explore');

  it('there is something to look at', () => {
    expect(core.length).toBeGreaterThan(10);
    expect(explore.length).toBeGreaterThan(4);
    expect(imports('src/explore/exhaustive.ts')).toContain('src/core/machine.js');
  });

  it.each(core)('%s imports nothing but core and what Node brings', (file) => {
    const allowed = (name: string): boolean => /^(src\/core\/|node:)/.test(name);
    expect(imports(file).filter((name) => !allowed(name))).toEqual([]);
  });

  it.each(explore)('%s imports nothing but core, explore and packages', (file) => {
    const allowed = (name: string): boolean =>
      name.startsWith('src/core/') ||
      name.startsWith('src/explore/') ||
      (isPackage(name) && !/^(models|properties|bench|reports)\b/.test(name));
    expect(imports(file).filter((name) => !allowed(name))).toEqual([]);
  });

  it.each([...core, ...explore])('%s knows nothing of what is modelled', (file) => {
    // The program may say its own name, in a message to its user.
    const text = readFileSync(join(ROOT, file), 'utf8').replaceAll('gmemcheck', '');
    expect(text.split('\n').filter((line) => /kvm|gmem|memslot/i.test(line))).toEqual([]);
  });

  it('no two folders import each other', () => {
    const folders = [
      'core',
      'explore',
      'checkpoint',
      'litmus',
      'fastcheck',
      'report',
      'check',
      'conform',
      'campaign',
      'shrink',
      'cli',
    ];
    const places = [...folders.map((f) => `src/${f}`), 'models'];
    const placeOf = (name: string): string | undefined =>
      places.find((place) => name.startsWith(`${place}/`));
    const arrows = new Set(
      places.flatMap((place) =>
        sources(place).flatMap((file) =>
          imports(file).flatMap((name) => {
            const to = placeOf(name);
            return to && to !== place ? [`${place} -> ${to}`] : [];
          }),
        ),
      ),
    );
    const both = [...arrows].filter((arrow) => {
      const [from, to] = arrow.split(' -> ');
      return arrows.has(`${to} -> ${from}`);
    });
    expect(both).toEqual([]);
  });
});
