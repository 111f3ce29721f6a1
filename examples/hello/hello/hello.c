/* hello: greets whom it is told to, as often as it is told to. */
#include <greeting.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int usage(const char *program)
{
    fprintf(stderr, "usage: %s [--times COUNT] [NAME]\n", program);
    return 2;
}

int main(int argc, char **argv)
{
    const char *name = NULL;
    long times = 1;
    char greeting[200];

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--times") == 0 && i + 1 < argc) {
            char *end;
            times = strtol(argv[++i], &end, 10);
            if (*end != '\0' || end == argv[i] || times < 0)
                return usage(argv[0]);
        } else if (argv[i][0] == '-' || name != NULL) {
            return usage(argv[0]);
        } else {
            name = argv[i];
        }
    }
    if (greet(greeting, sizeof greeting, name) >= (int)sizeof greeting) {
        fprintf(stderr, "%s: the name is too long\n", argv[0]);
        return 1;
    }
    while (times-- > 0)
        puts(greeting);
    return ferror(stdout) || fflush(stdout) != 0;
}
