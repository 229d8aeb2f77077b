/**
 * Tells bundlers that no module of the library does anything when it is
 * imported: what a constant is made of is marked as pure, so that a constant
 * that nobody uses is left out, and all that it needs.
 *
 * @module
 */

import ts from "typescript";

/** A module and the map to what it was before. */
export interface Marked {
  readonly code: string;
  readonly map: string;
}

/**
 * Marks what the constants of a module are made of.
 *
 * @throws {TypeError} if the module does something when it is imported.
 */
export function markPure(code: string, fileName: string): Marked {
  const { outputText, sourceMapText } = ts.transpileModule(code, {
    fileName,
    compilerOptions: {
      // What is older was written before: classes keep their one name.
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      sourceMap: true,
    },
    transformers: { before: [markFile] },
  });
  return { code: outputText, map: sourceMapText! };
}

function markFile(
  context: ts.TransformationContext,
): (file: ts.SourceFile) => ts.SourceFile {
  return (file) => {
    const whole = withoutAliases(file, context);
    const statements = whole.statements.map((statement) => {
      if (ts.isVariableStatement(statement)) return markVariables(statement);
      if (ts.isClassDeclaration(statement)) return markClass(statement);
      if (ts.isExpressionStatement(statement)) {
        const text = statement.getText(file);
        throw new TypeError(`${file.fileName} does on import: ${text}`);
      }
      return statement;
    });
    return ts.factory.updateSourceFile(whole, statements);
  };
}

/**
 * tsc gives some classes a second name, which their own methods say in the
 * place of the first: `var _a; class A { … } _a = A;`. It is taken back.
 */
function withoutAliases(
  file: ts.SourceFile,
  context: ts.TransformationContext,
): ts.SourceFile {
  const names = new Map<string, string>();
  for (const statement of file.statements) {
    const alias = aliasIn(statement);
    if (alias !== undefined) names.set(...alias);
  }
  if (names.size === 0) return file;
  const rename = (node: ts.Node): ts.Node => {
    const name = ts.isIdentifier(node) ? names.get(node.text) : undefined;
    if (name !== undefined) return ts.factory.createIdentifier(name);
    return ts.visitEachChild(node, rename, context);
  };
  const statements = file.statements
    .filter((each) => aliasIn(each) === undefined && !declares(each, names))
    .map((each) => rename(each) as ts.Statement);
  return ts.factory.updateSourceFile(file, statements);
}

/** The two names, if the statement is `_a = A;`. */
function aliasIn(
  statement: ts.Statement,
): [alias: string, name: string] | undefined {
  if (!ts.isExpressionStatement(statement)) return undefined;
  const { expression } = statement;
  if (!ts.isBinaryExpression(expression)) return undefined;
  const { left, operatorToken, right } = expression;
  const isAlias = operatorToken.kind === ts.SyntaxKind.EqualsToken &&
    ts.isIdentifier(left) && ts.isIdentifier(right) &&
    /^_[a-z]$/.test(left.text);
  return isAlias ? [left.text, right.text] : undefined;
}

/** Whether the statement is `var _a;`, of nothing but aliases. */
function declares(
  statement: ts.Statement,
  aliases: ReadonlyMap<string, string>,
): boolean {
  if (!ts.isVariableStatement(statement)) return false;
  return statement.declarationList.declarations.every(({ name }) =>
    ts.isIdentifier(name) && aliases.has(name.text)
  );
}

function markVariables(statement: ts.VariableStatement): ts.VariableStatement {
  const { factory } = ts;
  const { declarationList: list } = statement;
  const declarations = list.declarations.map((each) =>
    each.initializer === undefined ? each : factory.updateVariableDeclaration(
      each,
      each.name,
      each.exclamationToken,
      each.type,
      pure(each.initializer),
    )
  );
  return factory.updateVariableStatement(
    statement,
    statement.modifiers,
    factory.updateVariableDeclarationList(list, declarations),
  );
}

/** What belongs to the class itself is made when the class is. */
function markClass(made: ts.ClassDeclaration): ts.ClassDeclaration {
  const members = made.members.map((member) => {
    const isStatic = ts.isPropertyDeclaration(member) &&
      member.modifiers?.some(({ kind }) =>
        kind === ts.SyntaxKind.StaticKeyword
      );
    if (!isStatic || member.initializer === undefined) return member;
    return ts.factory.updatePropertyDeclaration(
      member,
      member.modifiers,
      member.name,
      member.questionToken ?? member.exclamationToken,
      member.type,
      pure(member.initializer),
    );
  });
  return ts.factory.updateClassDeclaration(
    made,
    made.modifiers,
    made.name,
    made.typeParameters,
    made.heritageClauses,
    members,
  );
}

/** The expression, so that it may be left out where nobody needs its value. */
function pure(made: ts.Expression): ts.Expression {
  if (isPlain(made)) return made;
  const isCall = ts.isCallExpression(made) || ts.isNewExpression(made);
  if (isCall && (made.arguments ?? []).every(isPlain)) return marked(made);
  const { factory } = ts;
  const body = ts.isObjectLiteralExpression(made)
    ? factory.createParenthesizedExpression(made)
    : made;
  const arrow = factory.createArrowFunction(
    ...[undefined, undefined, [], undefined, undefined] as const,
    body,
  );
  const called = factory.createParenthesizedExpression(arrow);
  return marked(factory.createCallExpression(called, undefined, []));
}

function marked<T extends ts.Expression>(call: T): T {
  return ts.addSyntheticLeadingComment(
    call,
    ts.SyntaxKind.MultiLineCommentTrivia,
    "@__PURE__",
  );
}

/** Whether a bundler sees by itself that making it does nothing. */
function isPlain(made: ts.Expression): boolean {
  if (ts.isArrayLiteralExpression(made)) return made.elements.every(isPlain);
  if (ts.isObjectLiteralExpression(made)) {
    return made.properties.every((each) =>
      ts.isShorthandPropertyAssignment(each) || ts.isMethodDeclaration(each) ||
      ts.isPropertyAssignment(each) && isPlain(each.initializer) &&
        !ts.isComputedPropertyName(each.name)
    );
  }
  if (ts.isPrefixUnaryExpression(made)) return isPlain(made.operand);
  return ts.isLiteralExpression(made) || ts.isIdentifier(made) ||
    ts.isFunctionExpression(made) || ts.isArrowFunction(made) ||
    [
      ts.SyntaxKind.TrueKeyword,
      ts.SyntaxKind.FalseKeyword,
      ts.SyntaxKind.NullKeyword,
    ].includes(made.kind);
}
