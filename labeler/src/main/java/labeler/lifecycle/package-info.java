/** The contract: what a VM goes through, as requests, outcomes and views. Nothing here does any of it. */
@NullMarked
package labeler.lifecycle;

import org.jspecify.annotations.NullMarked;
