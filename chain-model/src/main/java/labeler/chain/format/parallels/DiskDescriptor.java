package labeler.chain.format.parallels;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import labeler.chain.FileName;
import labeler.chain.Relation;
import labeler.chain.format.ParseResult;
import labeler.chain.format.Reference;
import labeler.chain.io.PlainXml;

/** The names in the XML of a descriptor. */
sealed interface DiskDescriptor {
    String ROOT = "Parallels_disk_image";

    /** Deeper than Parallels nests by far. */
    int MAX_DEPTH = 16;

    /** Images, and parents: each as many as a chain may have files. */
    int MAX_IMAGES = 512;

    /** Longer than any path, in characters; an identifier is shorter. */
    int MAX_VALUE = 4096;

    /** The identifier that stands for no parent. */
    String NO_GUID = "{00000000-0000-0000-0000-000000000000}";

    record Named(List<Reference> references) implements DiskDescriptor {
        public Named {
            references = List.copyOf(references);
        }
    }

    record Refused(ParseResult.Failure failure) implements DiskDescriptor {}

    /** Whether a text has the root element somewhere; otherwise it need not be parsed. */
    static boolean isIn(ByteBuffer bytes) {
        return StandardCharsets.ISO_8859_1.decode(bytes.duplicate()).toString().contains("<" + ROOT);
    }

    static DiskDescriptor in(ByteBuffer bytes) {
        try {
            byte[] all = new byte[bytes.remaining()];
            bytes.duplicate().get(all);
            String text = PlainXml.utf8(all);
            return new Scan(PlainXml.read(text.startsWith("\ufeff") ? text.substring(1) : text)).run();
        } catch (CharacterCodingException e) {
            return malformed("it is not UTF-8");
        } catch (XMLStreamException e) {
            return malformed("it is not well-formed XML");
        }
    }

    private static Refused malformed(String reason) {
        return new Refused(new ParseResult.Malformed(reason));
    }

    /** One pass over the text. */
    final class Scan {
        private final XMLStreamReader xml;
        private final Deque<String> open = new ArrayDeque<>();
        private final StringBuilder text = new StringBuilder();
        /** File names by the GUID of their image: a disk in several parts has one for each. */
        private final Map<String, Set<String>> files = new LinkedHashMap<>();

        private final Set<String> parents = new LinkedHashSet<>();
        private String guid = "";
        private String file = "";
        private int images;

        Scan(XMLStreamReader xml) {
            this.xml = xml;
        }

        DiskDescriptor run() throws XMLStreamException {
            while (xml.hasNext()) {
                switch (xml.next()) {
                    case XMLStreamConstants.START_ELEMENT -> {
                        if (open.isEmpty() && !xml.getLocalName().equals(ROOT)) {
                            return new Refused(new ParseResult.NotThisFormat("it is XML, but no " + ROOT));
                        }
                        if (open.size() == MAX_DEPTH) {
                            return malformed("its elements are nested deeper than " + MAX_DEPTH);
                        }
                        start(xml.getLocalName());
                    }
                    case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> text.append(xml.getText());
                    case XMLStreamConstants.END_ELEMENT -> {
                        if (text.length() > MAX_VALUE) {
                            return malformed("it has a text of " + text.length() + " characters");
                        }
                        end(open.pop());
                        if (images > MAX_IMAGES || parents.size() > MAX_IMAGES) {
                            return new Refused(new ParseResult.TooMany("it has more than " + MAX_IMAGES + " images"));
                        }
                    }
                    case XMLStreamConstants.DTD -> {
                        return malformed("it has a document type");
                    }
                    case XMLStreamConstants.ENTITY_REFERENCE -> {
                        return malformed("it has an entity");
                    }
                    default -> {}
                }
            }
            return new Named(references());
        }

        private void start(String element) {
            open.push(element);
            text.setLength(0);
            if (element.equals("Image")) {
                guid = "";
                file = "";
            }
        }

        private void end(String element) {
            String value = text.toString().strip();
            text.setLength(0);
            switch (element) {
                case "GUID" -> guid = value;
                case "File" -> file = value;
                case "ParentGUID" -> {
                    if (!value.isEmpty() && !value.equals(NO_GUID)) {
                        parents.add(value);
                    }
                }
                case "Image" -> {
                    if (!file.isEmpty()) {
                        files.computeIfAbsent(guid, _ -> new LinkedHashSet<>()).add(file);
                    }
                    images++;
                }
                default -> {}
            }
        }

        /** A part of the disk, or a parent. A parent that has no file here is known only by its GUID. */
        private List<Reference> references() {
            Stream<Reference> named = files.entrySet().stream()
                    .flatMap(image -> image.getValue().stream()
                            .map(name -> new Reference.Unfollowed(
                                    FileName.of(name),
                                    parents.contains(image.getKey()) ? Relation.PARENT : Relation.EXTENT)));
            Stream<Reference> unnamed = parents.stream()
                    .filter(parent -> !files.containsKey(parent))
                    .map(parent -> new Reference.Unfollowed(FileName.of("guid " + parent), Relation.PARENT));
            return Stream.concat(named, unnamed).distinct().toList();
        }
    }
}
