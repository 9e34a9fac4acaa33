package labeler.json;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** A component that is not written where it is empty; without this, it is null, or a list without elements. */
@Retention(RetentionPolicy.RUNTIME)
public @interface LeftOut {}
