import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parse } from '@babel/parser';
import type { Expression, Function as FunctionNode, Program, Statement } from '@babel/types';
import { packageRoot } from '../../root.js';

/** What a name of a module stands for. */
export type Binding =
  | { readonly kind: 'expression'; readonly node: Expression }
  | { readonly kind: 'function'; readonly node: FunctionNode }
  | { readonly kind: 'field'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'import'; readonly from: string; readonly name: string }
  | { readonly kind: 'namespace'; readonly from: string };

/** A module's text, read for its names. Nothing of it is run. */
export interface Module {
  readonly path: string;
  /** The path as reports show it. */
  readonly shown: string;
  readonly bindings: ReadonlyMap<string, Binding>;
  readonly exports: ReadonlyMap<string, Binding>;
}

const known = new Map<string, Module | undefined>();

/**
 * The module at a path; undefined where there is none that can be read. Always
 * the TypeScript, which the package carries along: a build runs other text, but
 * has the same functions and steps, and a reader looks for them in the source.
 */
export function moduleAt(path: string): Module | undefined {
  if (!known.has(path)) known.set(path, read(path));
  return known.get(path);
}

function read(path: string): Module | undefined {
  if (!existsSync(path)) return undefined;
  try {
    return moduleOf(path, readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** The names of a module of this text. @throws SyntaxError */
export function moduleOf(path: string, text: string): Module {
  const { program } = parse(text, { sourceType: 'module', plugins: ['typescript'] });
  const inPackage = relative(packageRoot, path);
  const shown = inPackage.startsWith('..') ? path : inPackage;
  return { path, shown, ...namesOf(program, dirname(path)) };
}

function namesOf(program: Program, folder: string): Pick<Module, 'bindings' | 'exports'> {
  const bindings = new Map<string, Binding>();
  const exports = new Map<string, Binding>();
  for (const statement of program.body) {
    if (statement.type === 'ImportDeclaration') {
      const from = pathOf(statement.source.value, folder);
      for (const s of statement.specifiers)
        bindings.set(
          s.local.name,
          s.type === 'ImportNamespaceSpecifier'
            ? { kind: 'namespace', from }
            : {
                kind: 'import',
                from,
                name: s.type === 'ImportSpecifier' ? nameOf(s.imported) : 'default',
              },
        );
    } else if (statement.type === 'ExportNamedDeclaration') {
      const { declaration, source } = statement;
      if (declaration) declare(declaration, bindings, exports);
      for (const s of statement.specifiers)
        if (s.type === 'ExportNamespaceSpecifier' && source)
          exports.set(nameOf(s.exported), {
            kind: 'namespace',
            from: pathOf(source.value, folder),
          });
        else if (s.type === 'ExportSpecifier') {
          const local = s.local.name;
          const to: Binding | undefined = source
            ? { kind: 'import', from: pathOf(source.value, folder), name: local }
            : bindings.get(local);
          if (to) exports.set(nameOf(s.exported), to);
        }
    } else if (statement.type === 'ExportDefaultDeclaration') {
      const { declaration } = statement;
      if (declaration.type === 'FunctionDeclaration')
        exports.set('default', { kind: 'function', node: declaration });
      else if (declaration.type !== 'ClassDeclaration' && declaration.type !== 'TSDeclareFunction')
        exports.set('default', { kind: 'expression', node: declaration });
    } else declare(statement, bindings);
  }
  return { bindings, exports };
}

function declare(statement: Statement, ...into: Map<string, Binding>[]): void {
  const add = (name: string, binding: Binding): void =>
    into.forEach((names) => names.set(name, binding));
  if (statement.type === 'FunctionDeclaration' && statement.id)
    add(statement.id.name, { kind: 'function', node: statement });
  if (statement.type !== 'VariableDeclaration') return;
  for (const { id, init } of statement.declarations) {
    if (id.type === 'Identifier' && init) add(id.name, { kind: 'expression', node: init });
    if (id.type !== 'ObjectPattern' || !init) continue;
    for (const p of id.properties)
      if (p.type === 'ObjectProperty' && p.value.type === 'Identifier')
        add(p.value.name, { kind: 'field', of: init, name: nameOf(p.key as { type: string }) });
  }
}

const nameOf = (name: { type: string; name?: string; value?: string }): string =>
  name.name ?? name.value ?? '';

/** The TypeScript that an import of this name in this folder means. */
function pathOf(name: string, folder: string): string {
  if (name === 'gmemcheck') return join(packageRoot, 'src', 'index.ts');
  const inPackage = /^gmemcheck\/(?:dist\/)?(.*)$/.exec(name)?.[1];
  const path = inPackage === undefined ? resolve(folder, name) : join(packageRoot, inPackage);
  const source = path.replace(join(packageRoot, 'dist/'), join(packageRoot, '/'));
  return source.replace(/\.([cm]?)js$/, '.$1ts');
}
