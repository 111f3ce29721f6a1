/* Giving up: one line on standard error, and an exit code. */
#ifndef CONFINE_COMPLAINT_H
#define CONFINE_COMPLAINT_H

enum exit_code {
  EXIT_CODE_USAGE = 64,
  EXIT_CODE_RIGHTS = 77,   /* a right could not be given up or kept */
  EXIT_CODE_EXECUTE = 126, /* the command could not be run */
  EXIT_CODE_MISSING = 127  /* there is no such command */
};

/* Says what could not be done and the reason that errno gives, and ends the process. */
_Noreturn void complain(enum exit_code code, const char *what);

/* The same, with the name of what it is about. */
_Noreturn void complain_about(enum exit_code code, const char *what, const char *which);

#endif
