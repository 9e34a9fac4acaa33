/**
 * How a VM takes files: they are looked at, put on record, labelled, and made where they are missing. Nothing here ends
 * a hold of another VM, or knows a start, a disk or a command.
 */
@NullMarked
package labeler.lifecycle.acquisition;

import org.jspecify.annotations.NullMarked;
