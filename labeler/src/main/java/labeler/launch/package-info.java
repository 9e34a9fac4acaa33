/**
 * The means of a launch: Landlock's rules, a runtime directory, copies of files, descriptors.
 * Nothing here starts a process.
 */
@NullMarked
package labeler.launch;

import org.jspecify.annotations.NullMarked;
