/** Looks at a host for a survey: processes, domains, directories. It opens regular files, to read them, and nothing else. */
@NullMarked
package labeler.survey.look;

import org.jspecify.annotations.NullMarked;
