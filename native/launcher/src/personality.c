/* The execution domain: which machine and kernel the build believes in, and how its memory is laid out. */
#include "personality.h"

#include <sys/personality.h>

#include "report.h"

void set_personality(const struct personality_flags *flags) {
  unsigned long wanted = flags->linux32 ? PER_LINUX32 : PER_LINUX;
  if (flags->uname26) wanted |= UNAME26;
  if (flags->no_randomize) wanted |= ADDR_NO_RANDOMIZE;
  if (personality(wanted) < 0) fail(STEP_SET_PERSONALITY, NULL);
}
