class Work
  def initialize(word)
    @word = word
  end

  def show(n)
    puts "#{@word} #{n}"
  end
end
