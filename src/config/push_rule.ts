/** Numbers of operators, as the reference product's API has them. */
export const RULE_OPERATORS = {
  0: "is true",
  1: "is false",
  2: "==",
  3: "!=",
  10: "> (numbers)",
  11: ">= (numbers)",
  12: "< (numbers)",
  13: "<= (numbers)",
  20: "> (texts)",
  21: ">= (texts)",
  22: "< (texts)",
  23: "<= (texts)",
} as const;

export type RuleOperator = keyof typeof RULE_OPERATORS;

/** A condition on a variable: `[variable, operator, value]`. */
export interface PushRule {
  /** Name, with or without `$`. */
  readonly variable: string;
  readonly operator: RuleOperator;
  readonly value: string;
}

export function isRuleOperator(n: unknown): n is RuleOperator {
  return typeof n === "number" && Object.hasOwn(RULE_OPERATORS, n);
}

/** Whether a rule holds; `valueOf` gives a variable's value, `` for one that is not there. */
export function ruleHolds(rule: PushRule, valueOf: (variable: string) => string): boolean {
  const left = valueOf(rule.variable.replace(/^\$\{?|\}$/g, ""));
  const right = rule.value;
  switch (rule.operator) {
    case 0:
      return isTrue(left);
    case 1:
      return !isTrue(left);
    case 2:
      return left === right;
    case 3:
      return left !== right;
    case 10:
      return Number(left) > Number(right);
    case 11:
      return Number(left) >= Number(right);
    case 12:
      return Number(left) < Number(right);
    case 13:
      return Number(left) <= Number(right);
    case 20:
      return left > right;
    case 21:
      return left >= right;
    case 22:
      return left < right;
    case 23:
      return left <= right;
  }
}

/** Empty, `0` and `false` are not. */
function isTrue(text: string): boolean {
  return text !== "" && text !== "0" && text.toLowerCase() !== "false";
}
