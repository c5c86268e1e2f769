class Work
  def self.show
    puts File.basename(Dir.pwd)
  end
end
