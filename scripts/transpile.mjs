// Compiles what tsconfig.test.json names into `.build/`, each file by itself,
// and only those that are younger than what was made of them: `npm test` does
// it before every run. It complains about syntax; types are a gate's business.
import {
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const config = join(root, "tsconfig.test.json");
const { options, fileNames } = ts.getParsedCommandLineOfConfigFile(
  config,
  {},
  { ...ts.sys, onUnRecoverableConfigFileDiagnostic: complain },
);
// A file by itself does not know that its package is one of modules.
options.module = ts.ModuleKind.ESNext;
options.moduleResolution = ts.ModuleResolutionKind.Bundler;
// What changes what is made of every file.
const oldest = Math.max(
  ...[config, "tsconfig.json", "package-lock.json"].map(modified),
);

for (const file of fileNames) if (isStale(file)) transpile(file);
replace(join(options.outDir, "package.json"), compiledManifest());

// The package by its own name, which examples import, as it is compiled.
function compiledManifest() {
  const text = readFileSync(join(root, "package.json"), "utf8");
  const { name, type, exports } = JSON.parse(text);
  return JSON.stringify({ name, type, exports }).replaceAll('.ts"', '.js"');
}

function isStale(file) {
  if (/\.d\.[cm]?ts$/.test(file)) return false;
  return modified(builtOf(file)) <= Math.max(modified(file), oldest);
}

function modified(path) {
  const { mtimeMs } = statSync(join(root, relative(root, path)), {
    throwIfNoEntry: false,
  }) ?? { mtimeMs: 0 };
  return mtimeMs;
}

function builtOf(file) {
  return join(options.outDir, relative(root, file)).replace(/\.ts$/, ".js");
}

function transpile(file) {
  const { outputText, sourceMapText, diagnostics } = ts.transpileModule(
    readFileSync(file, "utf8"),
    { compilerOptions: options, fileName: file, reportDiagnostics: true },
  );
  if (diagnostics.length > 0) return diagnostics.forEach(complain);
  const built = builtOf(file);
  mkdirSync(dirname(built), { recursive: true });
  const sources = [relative(dirname(built), file)];
  const map = JSON.stringify({ ...JSON.parse(sourceMapText), sources });
  replace(`${built}.map`, map);
  replace(built, outputText);
}

// In one go: a program may be starting from `.build/` meanwhile.
function replace(path, text) {
  const fresh = `${path}.${process.pid}`;
  writeFileSync(fresh, text);
  renameSync(fresh, path);
}

function complain(diagnostic) {
  process.exitCode = 1;
  console.log(ts.formatDiagnostic(diagnostic, {
    getCanonicalFileName: (name) => name,
    getCurrentDirectory: () => root,
    getNewLine: () => "\n",
  }));
}
