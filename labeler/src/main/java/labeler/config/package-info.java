/** The settings of the service: one record for each feature, read before anything is built. */
@NullMarked
package labeler.config;

import org.jspecify.annotations.NullMarked;
