/** What is unsafe on a host as it is, each with its remedy, from facts about it. Nothing here looks at anything. */
@NullMarked
package labeler.survey;

import org.jspecify.annotations.NullMarked;
