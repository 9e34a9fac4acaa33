@NullMarked
package labeler.config;

import org.jspecify.annotations.NullMarked;
