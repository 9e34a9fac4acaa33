/** Makes a plan for one VM: its level, its contexts, what is handed over. Nothing here changes a file or the record. */
@NullMarked
package labeler.lifecycle.plan;

import org.jspecify.annotations.NullMarked;
