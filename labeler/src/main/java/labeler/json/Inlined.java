package labeler.json;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** A component, itself a record, whose members are written among those of the outer record. */
@Retention(RetentionPolicy.RUNTIME)
public @interface Inlined {}
