/**
 * How holds end: which files go back, how their labels are given back, and what is on record after that. Nothing here
 * takes a file, or knows why a hold ends.
 */
@NullMarked
package labeler.lifecycle.release;

import org.jspecify.annotations.NullMarked;
