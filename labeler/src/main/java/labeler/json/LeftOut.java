package labeler.json;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** A component that is not written if it is empty or false. Without this, it is null, a list without elements, or false. */
@Retention(RetentionPolicy.RUNTIME)
public @interface LeftOut {}
