package labeler.config;

import labeler.mcs.CategoryRange;

/**
 * How levels are chosen.
 *
 * @param range the categories from which VMs get their pairs
 */
public record McsConfig(CategoryRange range) {
    public static final McsConfig DEFAULT = new McsConfig(CategoryRange.DEFAULT);
}
