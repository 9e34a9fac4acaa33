package labeler.vm.libvirt;

import java.nio.charset.CharacterCodingException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.xml.stream.Location;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import labeler.chain.io.PlainXml;
import org.jspecify.annotations.Nullable;

/** Reads the XML of a domain, within fixed limits. */
final class XmlReader {
    /** libvirt's own limit on a domain XML in a remote call. */
    private static final int MAXIMUM_BYTES = 4 << 20;

    /** A chain of 200 backing files, each element inside the one above, and room for the disk around it. */
    private static final int MAXIMUM_DEPTH = 256;

    /** A VM with 1000 disks, chains of ten and 128 NUMA nodes has fewer. More would cost time and memory. */
    private static final int MAXIMUM_ELEMENTS = 40_960;

    private static final int MAXIMUM_ATTRIBUTES = 256;

    private static final String QEMU_NAMESPACE = "http://libvirt.org/schemas/domain/qemu/1.0";

    /** The result of reading. */
    sealed interface Result {}

    record Read(XmlElement root) implements Result {}

    /** {@code message} is one line. */
    record NotXml(String message) implements Result {}

    private XmlReader() {}

    static Result read(byte[] xml) {
        if (xml.length > MAXIMUM_BYTES) {
            return new NotXml("more than " + MAXIMUM_BYTES + " bytes");
        }
        try {
            return read(PlainXml.read(PlainXml.utf8(xml)));
        } catch (CharacterCodingException e) {
            return new NotXml("not UTF-8");
        } catch (XMLStreamException e) {
            return new NotXml(place(e));
        }
    }

    private static String place(XMLStreamException e) {
        Location location = e.getLocation();
        return location == null
                ? "not well-formed"
                : "not well-formed in line " + location.getLineNumber() + ", column " + location.getColumnNumber();
    }

    /** An element whose children are still to come. */
    private record Open(String name, Map<String, String> attributes, List<XmlElement> children, StringBuilder text) {
        XmlElement close() {
            return new XmlElement(name, attributes, children, text.isEmpty() ? "" : text.toString());
        }
    }

    private static Result read(XMLStreamReader reader) throws XMLStreamException {
        Deque<Open> open = new ArrayDeque<>();
        int elements = 0;
        Result result = new NotXml("empty");
        while (reader.hasNext()) {
            switch (reader.next()) {
                case XMLStreamConstants.START_ELEMENT -> {
                    elements++;
                    if (open.size() >= MAXIMUM_DEPTH
                            || elements > MAXIMUM_ELEMENTS
                            || reader.getAttributeCount() > MAXIMUM_ATTRIBUTES) {
                        return new NotXml("too deep, or too many elements or attributes");
                    }
                    open.push(start(reader));
                }
                case XMLStreamConstants.END_ELEMENT -> {
                    XmlElement element = open.pop().close();
                    if (open.isEmpty()) {
                        result = new Read(element);
                    } else {
                        open.element().children.add(element);
                    }
                }
                case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA -> {
                    if (!open.isEmpty()) {
                        open.element()
                                .text
                                .append(reader.getTextCharacters(), reader.getTextStart(), reader.getTextLength());
                    }
                }
                case XMLStreamConstants.DTD -> {
                    return new NotXml("a document type, which libvirt never writes");
                }
                case XMLStreamConstants.ENTITY_REFERENCE -> {
                    return new NotXml("an entity, which libvirt never writes");
                }
                default -> {}
            }
        }
        return result;
    }

    private static Open start(XMLStreamReader reader) {
        String name = qualified(reader.getNamespaceURI(), reader.getLocalName());
        return new Open(name, attributes(reader), new ArrayList<>(0), new StringBuilder(0));
    }

    /** Most elements have one attribute or none, and a map of its own for each would be most of the memory. */
    private static Map<String, String> attributes(XMLStreamReader reader) {
        int count = reader.getAttributeCount();
        if (count == 0) {
            return Map.of();
        }
        if (count == 1) {
            return Map.of(attribute(reader, 0), reader.getAttributeValue(0));
        }
        Map<String, String> attributes = HashMap.newHashMap(count);
        for (int i = 0; i < count; i++) {
            attributes.put(attribute(reader, i), reader.getAttributeValue(i));
        }
        return attributes;
    }

    private static String attribute(XMLStreamReader reader, int number) {
        return qualified(reader.getAttributeNamespace(number), reader.getAttributeLocalName(number));
    }

    private static String qualified(@Nullable String namespace, String name) {
        if (namespace == null || namespace.isEmpty()) {
            return name;
        }
        return namespace.equals(QEMU_NAMESPACE) ? "qemu:" + name : "{" + namespace + "}" + name;
    }
}
