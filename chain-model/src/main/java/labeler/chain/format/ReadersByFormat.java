package labeler.chain.format;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import labeler.chain.ImageFormat;

/** The available readers, one for each format. */
public final class ReadersByFormat {
    private final Map<ImageFormat, FormatReader> readers = new EnumMap<>(ImageFormat.class);

    /**
     * Takes one reader for each format.
     *
     * @throws IllegalArgumentException if two claim one
     */
    public ReadersByFormat(Collection<? extends FormatReader> readers) {
        for (FormatReader reader : readers) {
            if (this.readers.put(reader.format(), reader) != null) {
                throw new IllegalArgumentException(
                        "two readers for " + reader.format().driver());
            }
        }
    }

    public Optional<FormatReader> of(ImageFormat format) {
        return Optional.ofNullable(readers.get(format));
    }
}
