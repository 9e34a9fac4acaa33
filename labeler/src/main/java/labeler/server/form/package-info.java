/**
 * The forms in which the service answers about VMs: JSON, and the text of the command line.
 * Nothing here asks the lifecycle for anything.
 */
@NullMarked
package labeler.server.form;

import org.jspecify.annotations.NullMarked;
