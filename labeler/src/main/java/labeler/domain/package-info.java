/**
 * Follows the running domains of this host's libvirt: which files they take and leave, and when they end. Nothing here
 * sets a label, or judges a command.
 */
@NullMarked
package labeler.domain;

import org.jspecify.annotations.NullMarked;
