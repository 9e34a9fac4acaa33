package labeler.config;

import labeler.mcs.CategoryRange;

/**
 * How levels are chosen.
 *
 * @param range the categories for the VMs' pairs
 */
public record McsConfig(CategoryRange range) {
    public static final McsConfig DEFAULT = new McsConfig(CategoryRange.DEFAULT);
}
