package labeler.json;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** A component, itself a record, whose members stand among those of the record that it is in. */
@Retention(RetentionPolicy.RUNTIME)
public @interface Inlined {}
