/* confine: runs a command with fewer rights.
 *
 * README.md says what and why. The order: what needs a right comes before that right is given up; no_new_privs comes last.
 */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "capabilities.h"
#include "complaint.h"
#include "options.h"

/* Somebody without the right to change groups, and without new ids to take, keeps the groups that he came with. */
static void leave_groups(const struct options *options) {
  if (!options->change_ids && !holds_capability(CAP_SETGID)) return;
  if (setgroups(0, NULL) != 0) complain(EXIT_CODE_RIGHTS, "leave the supplementary groups");
}

/* The permitted set outlives the change of uid, to be cut afterwards. */
static void change_ids(const struct options *options) {
  if (!options->change_ids) return;
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) complain(EXIT_CODE_RIGHTS, "keep capabilities over a change of ids");
  if (setresgid(options->gid, options->gid, options->gid) != 0) complain(EXIT_CODE_RIGHTS, "change the gid");
  if (setresuid(options->uid, options->uid, options->uid) != 0) complain(EXIT_CODE_RIGHTS, "change the uid");
}

int main(int argc, char **argv) {
  (void)argc;
  struct options options = read_options(argv);
  cut_bounding_set(options.kept);
  leave_groups(&options);
  change_ids(&options);
  keep_capabilities(options.kept);
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) complain(EXIT_CODE_RIGHTS, "set no_new_privs");
  execvp(options.command[0], options.command);
  complain_about(errno == ENOENT ? EXIT_CODE_MISSING : EXIT_CODE_EXECUTE, "run", options.command[0]);
}
