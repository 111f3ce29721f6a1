/* Writes the filter: a program of the kernel's classic packet filter that decides each system call.
 *
 * For each architecture the numbers from 0 to 2^32-1 are cut into intervals of one treatment. A binary search over the
 * intervals becomes a tree of comparisons whose leaves are shared: one piece of code for each treatment. That keeps the
 * program short, and the kernel has to translate it for every build. Numbers that are allowed without a look at the
 * arguments depend on nothing but architecture and number; the kernel (5.11) finds those out once and then does not run
 * the filter for them at all.
 */
#include "seccomp-program.h"

#include <errno.h>

#include "seccomp-checks.h"

#define INTERVALS_MAX 256

/* Numbers from `first` up to the next interval's are treated alike. */
struct interval {
  uint32_t first;
  enum treatment treatment;
};

struct interval_list {
  size_t count;
  struct interval items[INTERVALS_MAX];
};

/* One architecture in the making. `code` says where the code of a treatment begins, 0 for not yet written. */
struct tree {
  struct filter_program *program;
  const struct interval_list *intervals;
  size_t code[TREATMENT_COUNT];
};

/* Puts instructions in front of the program; returns where they begin. */
static size_t prepend(struct filter_program *program, const struct sock_filter *instructions, size_t count) {
  if (program->first <= count) program->impossible = true;
  if (program->impossible) return FILTER_LENGTH_MAX;
  program->first -= count;
  for (size_t i = 0; i < count; i++) program->instructions[program->first + i] = instructions[i];
  return program->first;
}

/* How far a jump that is put in front now has to go; what no 8 bits hold makes the program impossible. */
static uint8_t distance(struct filter_program *program, size_t target) {
  size_t far = target - program->first;
  if (far > UINT8_MAX) program->impossible = true;
  return (uint8_t)far;
}

static size_t prepend_jump(struct filter_program *program, uint16_t test, uint32_t value, size_t hit, size_t miss) {
  const struct sock_filter jump =
      BPF_JUMP(BPF_JMP | test | BPF_K, value, distance(program, hit), distance(program, miss));
  return prepend(program, &jump, 1);
}

/* Where the code of a treatment begins; written when first asked for. */
static size_t code_of(struct tree *tree, enum treatment treatment) {
  if (tree->code[treatment] == 0) {
    struct check check = write_check(treatment);
    tree->code[treatment] = prepend(tree->program, check.instructions, check.length);
  }
  return tree->code[treatment];
}

/* The search over intervals [low, high); returns where it begins. */
static size_t search(struct tree *tree, size_t low, size_t high) {
  const struct interval *items = tree->intervals->items;
  if (high - low == 1) return code_of(tree, items[low].treatment);
  size_t middle = low + (high - low) / 2;
  size_t right = search(tree, middle, high);
  size_t left = search(tree, low, middle);
  return prepend_jump(tree->program, BPF_JGE, items[middle].first, right, left);
}

/* What a rule comes to under these choices. */
static enum treatment choose(enum treatment treatment, const struct filter_choices *choices) {
  switch (treatment) {
    case CHMOD_PATH: case CHMOD_FD:
      return choices->set_id_bits ? ALLOW : choices->mode_service ? treatment : MODE_SECOND;
    case CHMOD_AT: case CHMOD_AT_FLAGS:
      return choices->set_id_bits ? ALLOW : choices->mode_service ? treatment : MODE_THIRD;
    case MODE_SECOND: case MODE_THIRD: case OPEN_SECOND: case OPEN_THIRD:
      return choices->set_id_bits ? ALLOW : treatment;
    case NAMESPACE_FIRST: return choices->nested_namespaces ? ALLOW : treatment;
    case CLONE3: return choices->nested_namespaces ? ALLOW : NO_SUCH_CALL;
    case SOCKET_CALL: return choices->socketcall ? ALLOW : NO_SUCH_CALL;
    default: return treatment;
  }
}

static void add_interval(struct interval_list *list, uint32_t first, enum treatment treatment) {
  if (list->count > 0 && list->items[list->count - 1].treatment == treatment) return;
  if (list->count < INTERVALS_MAX) list->items[list->count] = (struct interval){first, treatment};
  list->count++;
}

/* The treatments of the numbers in one reviewed range; what follows it is unknown until the next begins. */
static void cut_range(const struct number_range *range, enum numbering numbering, const struct filter_choices *choices,
                      struct interval_list *list) {
  uint8_t treatments[REVIEWED_RANGE_MAX] = {ALLOW};
  for (size_t i = 0; i < seccomp_rule_count; i++) {
    int number = seccomp_rules[i].numbers[numbering];
    if (number >= 0 && (uint32_t)number >= range->first && (uint32_t)number <= range->last)
      treatments[(uint32_t)number - range->first] = (uint8_t)choose(seccomp_rules[i].treatment, choices);
  }
  for (uint32_t number = range->first; number <= range->last; number++)
    add_interval(list, number, treatments[number - range->first]);
  add_interval(list, range->last + 1, NO_SUCH_CALL);
}

/* One architecture's part, which hands calls of another on to what comes after it. */
static void prepend_architecture(struct filter_program *program, const struct architecture *architecture,
                                 const struct filter_choices *choices) {
  static const struct sock_filter load_number = LOAD_FIELD(nr), load_architecture = LOAD_FIELD(arch);
  struct interval_list intervals = {.count = 0};
  size_t next = program->first;
  for (const struct number_range *range = reviewed_ranges(architecture->numbering); range->last != 0; range++)
    cut_range(range, architecture->numbering, choices, &intervals);
  if (intervals.count > INTERVALS_MAX) {
    program->impossible = true;
    return;
  }
  struct tree tree = {.program = program, .intervals = &intervals};
  search(&tree, 0, intervals.count);
  size_t begin = prepend(program, &load_number, 1);
  prepend_jump(program, BPF_JEQ, architecture->audit, begin, next);
  prepend(program, &load_architecture, 1);
}

bool write_filter(const struct architecture *architectures, size_t count, const struct filter_choices *choices,
                  struct filter_program *program) {
  program->first = FILTER_LENGTH_MAX;
  program->impossible = false;
  struct check otherwise = write_check(NO_SUCH_CALL);
  prepend(program, otherwise.instructions, otherwise.length);
  for (size_t i = count; i > 0; i--) prepend_architecture(program, &architectures[i - 1], choices);
  return !program->impossible;
}
