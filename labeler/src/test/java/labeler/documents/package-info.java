@NullMarked
package labeler.documents;

import org.jspecify.annotations.NullMarked;
