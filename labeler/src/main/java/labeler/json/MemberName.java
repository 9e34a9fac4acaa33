package labeler.json;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** The name of a component's member, where Java has that word for itself: {@code default}. */
@Retention(RetentionPolicy.RUNTIME)
public @interface MemberName {
    String value();
}
