/* Changes of modes without their set-id bits.
 *
 * Recipes install programs with set-user-id bits, and break when they may not; the bits themselves are a key to the build
 * user, and must not be there for a moment. The filter of the builder cannot take them off. So it hands such a call to the
 * parent of the builder's process, which makes the change without the bits: as the same user, in the same root, with
 * nothing that the builder has not. Whatever the builder makes of the service, it could do without it.
 */
#ifndef LAUNCHER_MODE_SERVICE_H
#define LAUNCHER_MODE_SERVICE_H

#include <stdbool.h>
#include <sys/types.h>

#include "lifetime.h"
#include "specification.h"

/* Between the builder's process and its parent. Made before the one is created by the other. */
struct mode_channel {
  int service_end, builder_end;
};

struct mode_channel make_mode_channel(void);

/* The parent's side; without a service all are -1. */
struct mode_service {
  int channel, proc, builder;
};

extern const struct mode_service no_mode_service;

/* In the builder's process, which is in its root by now: asks for the service. False when there will be none. */
bool ask_for_mode_service(const struct mode_channel *channel);

/* The same, once the filter is in force: hands over the descriptor on which the kernel tells of calls. */
void hand_over_listener(const struct mode_channel *channel, int listener);

/* In the parent: waits until the builder's process asks, or is not going to, and then becomes what it needs to be. Comes
 * before the parent lets go of its descriptors: until then it can report a failure. */
struct mode_service prepare_mode_service(const struct mode_channel *channel, pid_t builder,
                                         const struct specification *specification, const struct lifeline *lifeline);

/* In the parent: serves until the builder has ended, and returns at once where there is nothing to serve. */
void serve_modes(const struct mode_service *service);

#endif
